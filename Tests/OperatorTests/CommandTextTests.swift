import Models
import Testing

@testable import Operator

@Suite("What commands print and accept")
struct CommandTextTests {
    @Test("Text of strangers can neither move the cursor nor forge a line nor turn its direction")
    func escapes() {
        #expect("\u{1B}]52;c;x\u{7}a\nb\u{9B}2J".shown == #"\u001b]52;c;x\u0007a\u000ab\u009b2J"#)
        #expect("a\u{202E}b\u{2066}c\u{2028}".shown == #"a\u202eb\u2066c\u2028"#)
        #expect("路灯坏了 𠮷 👨‍👩‍👧 é".shown == "路灯坏了 𠮷 👨‍👩‍👧 é")
    }

    @Test("A problem's sentence is escaped, too")
    func escapesProblems() {
        #expect(IntakeClient.sentence(of: .object(["detail": .string("no \u{1B}[2J")])) == #"no \u001b[2J"#)
    }

    @Test("A case is named by its number or its identifier")
    func acceptsNames() throws {
        let number = CaseNumber.make(date: try #require(LocalDate("2026-11-24")), serial: 123)
        let id = "01930000-0000-7000-8000-000000000001"

        #expect(try CaseCommand.name(number) == number)
        #expect(try CaseCommand.name(id) == id)
    }

    @Test(
        "What could not stand in the path of a request is refused before it is asked",
        arguments: ["", "a b", "x/ledger", "20261124-000123-X?limit=1", "#", "..", "20261124-000123"])
    func refusesNames(text: String) {
        #expect(throws: CommandFailure.self) { try CaseCommand.name(text) }
    }

    @Test("An import tells how many cases are complete only when it waited for them")
    func tellsCompletion() {
        var tally = ImportTally(read: 3, registered: 2, known: 1)
        #expect(tally.json["completed"] == .null)
        #expect(!tally.sentence.contains("complete"))

        tally.completed = 2
        #expect(tally.json["completed"] == .integer(2))
        #expect(tally.sentence.contains("2 complete"))
    }
}
