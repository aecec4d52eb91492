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

    private func items(_ text: String) throws -> [RegistrationBatch.Item] { try RegistrationBatch(Array(text.utf8)).items }

    /// What keeps an item from being tried, or its case from being one: the status and the places of the faults.
    private func refusals(_ text: String) throws -> [(status: Int, places: [String])] {
        try items(text).enumerated().map { index, item in
            do throws(Problem) {
                switch item {
                case .refused(let problem): throw problem
                case .candidate(_, let body):
                    _ = try RegistrationForm(
                        body, at: "\(RegistrationBatch.place(of: index))/case", now: Instant(microseconds: 1_764_000_000_000_000))
                }
                return (200, [])
            } catch { return (error.status.code, error.errors.map(\.pointer)) }
        }
    }

    @Test("is taken apart into keys and bodies, byte for byte")
    func candidates() throws {
        let items = try items(#" {"cases":[{"key":"a","case": {"title" : "灯"}},{"case":7}]} "#)
        let parts = items.map { item in
            if case .candidate(let key, let body) = item {
                "\(key?.value ?? "-") \(String(decoding: body, as: UTF8.self))"
            } else {
                "refused"
            }
        }

        #expect(parts == [#"a {"title" : "灯"}"#, "- 7"])
        #expect(try self.items(#"{"cases":[]}"#).isEmpty)
    }

    @Test("of another shape is refused as a whole, with every place that is wrong")
    func wholes() {
        func many(_ count: Int) -> String { "{\"cases\":[" + Array(repeating: "0", count: count).joined(separator: ",") + "]}" }

        #expect(refusal("rubbish").status == 400)
        #expect(refusal("[]").status == 400)
        #expect(refusal(#"{"cases":[{"case":{}}]}x"#).status == 400)
        #expect(refusal(#"{"cases":[{"case":{}} {"case":{}}]}"#).status == 400)
        #expect(refusal(#"{"cases":[{"case":{}},]}"#).status == 400)
        #expect(refusal(#"{"cases":[{"case":{"}]}"#).status == 400)
        #expect(refusal(#"{"cases":[{"case":[},{"case":{}}]}"#).status == 400)
        #expect(refusal(#"{"cases":{}}"#).status == 400)
        #expect(refusal("{}").places == ["/cases"])
        #expect(refusal(#"{"cases":[],"cases":[]}"#).places == ["/cases"])
        #expect(refusal(#"{"cases":[],"y/":3}"#).places == ["/y~1"])
        #expect(refusal(many(100)).status == 200)
        #expect(refusal(many(101)).places == ["/cases"])
        #expect(refusal(many(1_000_000)).places == ["/cases"])
    }

    @Test("keeps what is wrong inside one item with that item, and names the place")
    func refusedItems() throws {
        let good = #"{"case":{"kind":"help","title":"a","narrative":"b","anonymous":true}}"#
        let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        let bad: [(item: String, status: Int, places: [String])] = [
            (#"{"case":{"title":"a\u0000"}}"#, 400, ["/case"]), (#"{"case":{"title":"\uD800"}}"#, 400, ["/case"]),
            (#"{"case":{"x":\#(deep)}}"#, 400, ["/case"]), (#"{"case":{"kind":1,"kind":2}}"#, 400, ["/case"]),
            (#"{"case" 1}"#, 400, [""]), ("rubbish", 400, [""]), ("7", 400, [""]),
            (#"{"key":"\u0000","case":{}}"#, 400, [""]), (#"{"case":7}"#, 422, ["/case"]), ("{}", 422, ["/case"]),
            (#"{"key":"a b","case":{}}"#, 422, ["/key"]), (#"{"key":1,"case":{}}"#, 422, ["/key"]),
            (#"{"key":"a","key":"b","case":{}}"#, 422, ["/key"]), (#"{"case":{},"case":{}}"#, 422, ["/case"]),
            (#"{"case":{},"x~/":[1}}"#, 422, ["/x~0~1"]),
            (#"{"case":{"kind":"help","title":"a","narrative":"b"}}"#, 422, ["/case/petitioners"]),
            (#"{"case":{"x":"\#(String(repeating: "x", count: 1 << 20))"}}"#, 413, ["/case"]),
        ]
        for entry in bad {
            let found = try refusals("{\"cases\":[\(good),\(entry.item),\(good)]}")

            #expect(found.map(\.status) == [200, entry.status, 200], "\(entry.item.prefix(60))")
            #expect(found[1].places == entry.places.map { "/cases/1" + $0 }, "\(entry.item.prefix(60))")
        }
    }
}
