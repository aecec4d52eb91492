import HTTPTypes
import Models
import ServiceKit
import Testing

@testable import Intake

@Suite("A batch of registrations")
struct RegistrationBatchTests {
    /// What keeps `text` from being a batch: the status and the places of the faults.
    private func refusal(_ text: String) -> (status: Int, places: [String]) {
        do throws(Problem) {
            _ = try RegistrationBatch(Array(text.utf8))
            return (200, [])
        } catch { return (error.status.code, error.errors.map(\.pointer)) }
    }

    @Test("is taken apart into keys and bodies, byte for byte")
    func items() throws {
        let batch = try RegistrationBatch(Array(#" {"cases":[{"key":"a","case": {"title" : "灯"}},{"case":7}]} "#.utf8))

        #expect(batch.items.map { $0.key?.value } == ["a", nil])
        #expect(batch.items.map { String(decoding: $0.body, as: UTF8.self) } == [#"{"title" : "灯"}"#, "7"])
        #expect(try RegistrationBatch(Array(#"{"cases":[]}"#.utf8)).items.isEmpty)
    }

    @Test("of another shape is refused as a whole, with every place that is wrong")
    func refusals() {
        let many = "{\"cases\":[" + Array(repeating: #"{"case":{}}"#, count: 101).joined(separator: ",") + "]}"

        #expect(refusal("rubbish").status == 400)
        #expect(refusal("[]").status == 400)
        #expect(refusal(#"{"cases":[{"case":"a\u0000"}]}"#).status == 400)
        #expect(refusal(#"{"cases":[{"case":{}}]}x"#).status == 400)
        #expect(refusal("{}").places == ["/cases"])
        #expect(refusal(many).places == ["/cases"])
        #expect(refusal(#"{"cases":[{"case":{}},{"key":1,"x":2}],"y":3}"#).places == ["/cases/1/key", "/cases/1/x", "/cases/1/case", "/y"])
    }
}
