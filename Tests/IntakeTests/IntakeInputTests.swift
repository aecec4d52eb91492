import HTTPTypes
import Models
import ServiceKit
import Testing

@testable import Intake

@Suite("What staff send to intake and see of petitioners")
struct IntakeInputTests {
    private let id = "01a20b1e-f6fc-7b1e-9a40-3f8c2d7e5a11"

    private func refusal(_ text: String) -> (status: Int, places: [String]) {
        do throws(Problem) {
            let form = try CompletionsForm(Array(text.utf8))
            return (200, form.cases.map(\.description))
        } catch { return (error.status.code, error.errors.map(\.pointer)) }
    }

    @Test("identifiers of cases, with the place of each that is none")
    func completions() {
        #expect(refusal(#"{"cases":["\#(id)"]}"#) == (200, [id]))
        #expect(refusal(#"{"cases":[]}"#) == (200, []))
        #expect(refusal(#"{"cases":["\#(id)",7,"x"],"more":1}"#) == (422, ["/cases/1", "/cases/2", "/more"]))
        #expect(refusal("{}") == (422, ["/cases"]))
        #expect(refusal(#"{"cases":null}"#) == (422, ["/cases"]))
        #expect(refusal(#"{"cases":"\#(id)"}"#) == (422, ["/cases"]))
        #expect(refusal("[]").status == 422)
        #expect(refusal("{").status == 400)
        #expect(refusal("{\"cases\":[" + Array(repeating: "\"\(id)\"", count: 10_001).joined(separator: ",") + "]}") == (422, ["/cases"]))
    }

    @Test("the length of a page, which is never guessed", arguments: ["abc", "", "0", "501", "-1", "1.5", "99999999999999999999"])
    func pageLimit(text: String) throws {
        #expect(throws: Problem.self) { try PageLimit.read(text) }
        #expect(try PageLimit.read("500") == 500)
    }

    @Test(
        "never a whole name", arguments: [("张小满", "张**"), ("李四", "李**"), ("王", "*"), ("", "*"), ("👨‍👩‍👧", "*"), ("e\u{301}", "*")])
    func names(name: String, shown: String) {
        #expect(Mask.name(name) == shown)
    }

    @Test(
        "never a whole phone number",
        arguments: [("138 0000 1234", "*1234"), ("13800001234()", "*1234"), ("12345", "*45"), ("110", "*0"), ("1", "*"), ("-", "*")])
    func phones(phone: String, shown: String) {
        #expect(Mask.phone(phone) == shown)
    }
}
