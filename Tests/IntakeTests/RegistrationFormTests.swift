import HTTPTypes
import Models
import ServiceKit
import Testing

@testable import Intake

@Suite("A case that is registered")
struct RegistrationFormTests {
    /// Why `text` is refused; nil when it is taken.
    private func refusal(_ text: String) -> Problem? {
        do throws(Problem) {
            _ = try RegistrationForm(Array(text.utf8), now: Instant(microseconds: 1_764_000_000_000_000))
            return nil
        } catch { return error }
    }

    private func body(_ fields: String) -> String { #"{"kind":"help","title":"灯","narrative":"暗","anonymous":true"# + fields + "}" }

    @Test("has at most 1 MiB")
    func size() {
        let padding = String(repeating: " ", count: RegistrationForm.largestBody - body("").utf8.count)

        #expect(refusal(body("") + padding) == nil)
        let problem = refusal(body("") + padding + " ")
        #expect(problem?.status.code == 413)
        #expect(problem?.detail.contains("1048576") == true)
    }

    @Test("says what is known of its petitioners by the staff alone, each word once")
    func tags() throws {
        func form(_ tags: String) throws(Problem) -> RegistrationForm {
            try RegistrationForm(Array(body(#","tags":"# + tags).utf8), now: Instant(microseconds: 1_764_000_000_000_000))
        }
        func places(_ tags: String, by staff: ActingPerson?) -> [String] {
            do throws(Problem) {
                try form(tags).check(sentBy: staff, at: "/cases/3/case")
                return []
            } catch { return error.errors.map(\.pointer) }
        }
        let clerk = ActingPerson(role: .clerk)

        #expect(try form(#"["veteran","needy"]"#).tags == [.veteran, .needy])
        #expect(try form("[]").tags == nil && form("null").tags == nil)
        #expect(places(#"["veteran"]"#, by: nil) == ["/cases/3/case/tags"] && places(#"["veteran"]"#, by: clerk) == [])
        #expect(places("[]", by: nil) == [])
        #expect(places(#"["rich"]"#, by: clerk) == ["/tags/0"] && places(#"["needy","needy"]"#, by: clerk) == ["/tags/1"])
        #expect(places(#""needy""#, by: clerk) == ["/tags"] && places("[1]", by: clerk) == ["/tags/0"])
    }

    @Test("is told fifty faults, and that there are more")
    func manyFaults() {
        func faults(_ count: Int) -> [Problem.Fault] {
            refusal(body((0..<count).map { #","x\#($0)":0"# }.joined()))?.errors ?? []
        }

        #expect(faults(1).map(\.pointer) == ["/x0"])
        #expect(faults(50).count == 50)
        #expect(faults(50).last?.pointer.hasPrefix("/x") == true)
        #expect(faults(51).count == 51)
        #expect(faults(60_000).count == 51)
        #expect(faults(60_000).last == .init(pointer: "", detail: "there are more faults than these 50; mend these first"))
        let people = Array(repeating: #"{"x":1,"y":2}"#, count: 1000).joined(separator: ",")
        #expect(refusal(#"{"kind":"help","title":"a","narrative":"b","petitioners":[\#(people)]}"#)?.errors.count == 51)
    }

    @Test("is told an unknown field by the beginning of its name, however long one character of it is")
    func longNames() {
        let name = "a" + String(repeating: "\u{301}", count: 100_000)

        let pointer = refusal(body(#","\#(name)":0"#))?.errors.first?.pointer ?? ""

        #expect(pointer.unicodeScalars.count == 61)
        #expect((refusal(body(#","\#(name)":0,"\#(name)":0"#))?.detail.utf8.count ?? 0) < 300)
        #expect(refusal(body(#","a~/b":0"#))?.errors.map(\.pointer) == ["/a~0~1b"])
    }

    @Test(
        "has no control characters where they cannot be seen",
        arguments: [
            ("title", #"a\u0001b"#, false), ("title", #"a\nb"#, false), ("title", #"a\tb"#, false), ("title", #"a\u007Fb"#, true),
            ("narrative", #"a\r\n\tb"#, true), ("narrative", #"a\u000Bb"#, false), ("narrative", #"a\u001Bb"#, false),
        ])
    func controls(field: String, text: String, isTaken: Bool) {
        let other = field == "title" ? "narrative" : "title"

        let faults = refusal(#"{"kind":"help","\#(field)":"\#(text)","\#(other)":"x","anonymous":true}"#)?.errors.map(\.pointer)

        #expect(faults == (isTaken ? nil : ["/\(field)"]))
    }

    @Test(
        "is written by somebody who has a name or can be called",
        arguments: [
            (#"{"name":"甲"}"#, []), (#"{"phone":"1"}"#, []), (#"{"name":" ","phone":"(1)"}"#, []), (#"{"name":"甲","phone":"-"}"#, []),
            ("{}", ["/petitioners/0"]), (#"{"name":" \u3000"}"#, ["/petitioners/0"]), (#"{"phone":"-()"}"#, ["/petitioners/0"]),
            (#"{"name":"","phone":" "}"#, ["/petitioners/0"]), (#"{"phone":"a1"}"#, ["/petitioners/0/phone"]),
            (#"{"name":"甲","email":"a@b.example","address":"7号"}"#, []), (#"{"name":"甲","email":"a@b"}"#, ["/petitioners/0/email"]),
            (#"{"name":"甲","email":"a@b.example\r\nBcc: x"}"#, ["/petitioners/0/email"]),
            (#"{"name":"a\nb"}"#, ["/petitioners/0/name"]), ("7", ["/petitioners/0"]), (#"{"name":7}"#, ["/petitioners/0/name"]),
        ] as [(String, [String])])
    func petitioners(person: String, places: [String]) {
        let problem = refusal(#"{"kind":"help","title":"a","narrative":"b","petitioners":[\#(person)]}"#)

        #expect((problem?.errors.map(\.pointer) ?? []) == places)
    }
}
