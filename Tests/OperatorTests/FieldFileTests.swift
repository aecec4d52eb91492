import Models
import Testing

@testable import Operator

@Suite("A file of sessions from the field")
struct FieldFileTests {
    private func read(_ text: String) throws -> FieldFile { try FieldFile(Array(text.utf8)) }

    private func id(_ number: Int) -> String { "0193a000-0000-7000-8000-00000000000\(number)" }

    @Test(
        "is an object with a list of sessions",
        arguments: ["", "[]", "{}", #"{"sessions": {}}"#, #"{"sessions": [], "x": 1}"#, #"{"sessions": []"#, "\u{FEFF}{\"sessions\": []}"])
    func shape(text: String) {
        #expect(throws: CommandFailure.self) { try read(text) }
    }

    @Test("names what is wrong by its place, and goes on")
    func faults() throws {
        let file = try read(
            #"""
            {"sessions": [3, {"kind": "visit"}, {"id": "x"}, {"id": "\#(id(1))", "leiter": "l"},
              {"id": "\#(id(2))", "visitors": [{"name": "a"}, {"id": "\#(id(2))"}, 4, {"id": "\#(id(3))", "left": "no"}, {"id": "\#(id(4))"}],
               "cases": {}, "policies": ["x"], "closed": 1}]}
            """#)

        #expect(
            Set(file.faults.map(\.place)) == [
                "/sessions/0", "/sessions/1/id", "/sessions/2/id", "/sessions/3/leiter", "/sessions/4/policies/0",
                "/sessions/4/visitors/0/id", "/sessions/4/visitors/1/id", "/sessions/4/visitors/2", "/sessions/4/visitors/3/left",
                "/sessions/4/cases", "/sessions/4/closed",
            ])
        #expect(file.faults.filter(\.isSession).count == 4)
        #expect(file.sessions.map(\.place) == ["/sessions/4"])
        #expect(file.sessions.first?.visitors.map(\.queue.place) == ["/sessions/4/visitors/4"])
    }

    @Test("opens a session at which something was recorded, on time unless it says otherwise, and no other")
    func opening() throws {
        func opening(_ fields: String) throws -> JSONValue? {
            try read(#"{"sessions": [{"id": "\#(id(1))", "starts": "S"\#(fields)}]}"#).sessions.first?.opening?.members["at"]
        }

        #expect(try opening("") == nil)
        #expect(try opening(#", "opened": null, "policies": []"#) == nil)
        #expect(try opening(#", "policies": [{}]"#) == "S")
        #expect(try opening(#", "closed": {}"#) == "S")
        #expect(try opening(#", "opened": "O""#) == "O")
    }

    @Test("gives entries without an identifier a name by what they say, so that another order makes no other entries")
    func names() throws {
        func names(_ policies: String) throws -> [EntryID] {
            try read(#"{"sessions": [{"id": "\#(id(1))", "policies": [\#(policies)]}]}"#).sessions.flatMap(\.entries).map(\.id)
        }
        let (first, second) = (#"{"title": "a", "reached": 1}"#, #"{"title": "b", "reached": 1}"#)

        let both = try names("\(first), \(second)")

        #expect(Set(both).count == 2)
        #expect(try names("\(second), \(first)") == both.reversed())
        #expect(try names(#"{"reached": 1, "title": "a"}"#) == [both[0]])
        #expect(Set(try names("\(first), \(first)")).count == 2)
    }

    @Test("leaves to a case what it says itself of its channel and its petitioners")
    func cases() throws {
        let file = try read(
            #"""
            {"sessions": [{"id": "\#(id(1))", "kind": "reception", "visitors": [{"id": "\#(id(2))", "name": "a", "cases": [
              {"id": "\#(id(3))", "channel": "letter", "petitioners": [{"name": "b"}]}, {"id": "\#(id(4))", "anonymous": true},
              {"id": "\#(id(5))"}]}]}]}
            """#)

        let bodies = try file.sessions.flatMap(\.visitors).flatMap(\.matters).map { try JSONValue(parsing: $0.body) }

        #expect(bodies.map { $0["channel"]?.plain } == ["letter", "reception", "reception"])
        #expect(bodies.map { $0["petitioners"]?.text } == [#"[{"name":"b"}]"#, nil, #"[{"name":"a"}]"#])
        #expect(bodies.allSatisfy { $0["id"] == nil && $0["session"]?.plain == id(1) })
    }
}
