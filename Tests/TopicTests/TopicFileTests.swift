import Models
import Routing
import Testing

@testable import Operator

@Suite("A file of labelled messages")
struct TopicFileTests {
    private func file(_ text: String) throws -> TopicFile { try TopicFile(Array(text.utf8), name: "a.csv") }

    @Test("has its columns in any order, beside others, with a byte order mark")
    func columns() throws {
        let plain = try file("\u{FEFF}topic,id,text\n交通,1,路灯坏了\n")
        let raw = try file("id,topic,narrative,title\r\n1, 劳动 ,\"老板,欠薪\",工资\r\n")

        #expect(plain.examples == [TopicExample(text: "路灯坏了", topic: "交通")])
        #expect(raw.examples == [TopicExample(title: "工资", narrative: "老板,欠薪", topic: "劳动")])
    }

    @Test("names the lines that cannot be used and gives the others")
    func faults() throws {
        let file = try file("text,topic\n路灯,交通\n井盖, \n,劳动\n护栏\n工资,劳动\n")

        #expect(file.examples.map(\.topic) == ["交通", "劳动"])
        #expect(file.faults.map(\.line) == [3, 4, 5])
        #expect(
            file.complaints(name: "a.csv").first
                == "a.csv, line 3: left out, because its topic is empty; name the topic or take the line out.")
    }

    @Test(
        "is refused without what is needed",
        arguments: ["", "text\n路灯\n", "title,topic\n路灯,交通\n", "narrative,topic\n路灯,交通\n", "a,topic\n路灯,交通\n", "text,topic\n,\n"])
    func refused(text: String) {
        #expect(throws: CommandFailure.self) { try file(text) }
    }

    @Test("gives figures under the names that programs expect")
    func report() throws {
        let outcomes = [
            TopicOutcome(truth: "交通", guess: "交通", confidence: 0.9), TopicOutcome(truth: "劳动", guess: "交通", confidence: 0.4),
        ]

        let report = TopicReport(evaluation: TopicEvaluation(outcomes), seconds: 1.23456)

        guard case .object(let members) = report.json else {
            Issue.record("the report is no object")
            return
        }
        #expect(members.keys.sorted() == ["accuracy", "confusion", "coverageAt98", "examples", "macroF1", "seconds", "topics"])
        #expect(members["accuracy"] == .double(0.5))
        #expect(members["confusion"] == .object(["交通": .object(["交通": 1]), "劳动": .object(["交通": 1])]))
        #expect(members["seconds"] == .double(1.235))
        #expect(report.text.contains("accuracy      0.5000"))
    }

    @Test("rounds as one writes")
    func rounding() {
        #expect(TopicReport.rounded(0.98765) == "0.9877")
        #expect(TopicReport.rounded(-0.05, 2) == "-0.05")
        #expect(TopicReport.rounded(12.04, 1) == "12.0")
    }
}
