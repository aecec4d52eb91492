import CaseFlow
import Models
import TestSupport
import Testing

@testable import Intake

@Suite("Reading case files")
struct CaseFileReadingTests {
    @Test("gives what was written, also with its members in another order and others among them")
    func roundTrip() throws {
        var invented = try InventedCases(seed: 5)
        var random = SeededRandom(seed: 6)
        var moment = InventedCases.start
        for _ in 0..<400 {
            var found = try invented.next(after: moment)
            if Bool.random(using: &random) { found = try invented.change(found) }
            if Bool.random(using: &random) { found = try invented.closed(found) }
            moment = found.file.registered
            let written = try StateCoding.encode(found.file)
            let tree = try JSONValue(parsing: written)

            let read: CaseFile = try StateCoding.decode(written)
            let mixed: CaseFile = try StateCoding.decode(Array(Self.mixed(tree, &random).utf8))

            #expect(read == found.file)
            #expect(mixed == found.file)
            #expect(try JSONValue(parsing: StateCoding.encode(mixed)) == tree)
        }
    }

    /// The same value, written with the members of its objects in any order, and others that nobody knows.
    private static func mixed(_ value: JSONValue, _ random: inout SeededRandom) -> String {
        switch value {
        case .object(let members):
            var texts = [#""later":{"kind":[null]}"#]
            for (name, value) in members { texts.append("\(JSONValue.string(name).text): \(mixed(value, &random))") }
            return "{\(texts.sorted().shuffled(using: &random).joined(separator: " ,"))}"
        case .array(let elements): return "[\(elements.map { mixed($0, &random) }.joined(separator: ", "))]"
        default: return value.text
        }
    }

    /// A case file in which nothing is missing.
    private static let whole: JSONValue = [
        "number": "20260922-000545-7", "registered": "2026-09-22T05:05:07.410677Z", "title": "道路",
        "life": LifeExample.whole,
        "topic": "topic-1", "urgency": "urgent", "county": "c-1",
        "clocks": [
            [
                "name": "handle", "serial": 1, "due": "2026-09-22T05:05:07.410677Z", "dueDate": "2026-09-22", "provisional": true,
                "phase": "paused", "isRight": false, "unit": "village-5",
            ]
        ],
        "receiptOwed": true, "receiptSettled": "2026-09-22T05:05:07.410677Z", "receiptFailed": true,
        "completed": "2026-09-22T05:05:07.410677Z", "petitioners": 2, "tags": ["needy", "veteran"],
        "answer": ["claim": "1", "facts": "2", "opinion": "not-support", "conclusion": "3", "basis": "4"], "explanation": "5",
        "answered": "2026-09-22T05:05:07.410677Z", "outcome": "partly-solved", "additions": 3, "pack": "national",
        "satisfaction": "unsatisfied", "mergedInto": "00000000-0000-7000-8000-00000000000a",
    ]

    @Test("leaves out no member")
    func everyMember() throws {
        let file: CaseFile = try StateCoding.decode(Self.whole.canonical)

        #expect(try JSONValue(parsing: StateCoding.encode(file)) == Self.whole)
        Self.expectEveryMember(of: file, in: Self.whole, "file")
    }

    /// Expects that `json` holds each stored property of `value`, and of what is in it.
    private static func expectEveryMember(of value: Any, in json: JSONValue, _ place: String) {
        let mirror = Mirror(reflecting: value)
        let properties = mirror.children.map { ($0.label ?? "", $0.value) }
        if mirror.displayStyle == .optional {
            for (_, inner) in properties { expectEveryMember(of: inner, in: json, place) }
            return
        }
        switch json {
        case .object(let members):
            #expect(Set(properties.map(\.0)) == Set(members.keys), "\(place)")
            for (name, inner) in properties { expectEveryMember(of: inner, in: members[name] ?? .null, "\(place)/\(name)") }
        case .array(let elements):
            for (index, element) in elements.enumerated() { expectEveryMember(of: properties[index].1, in: element, "\(place)/\(index)") }
        default: break
        }
    }

    @Test("refuses a file that lacks what must be there, or in which something is of another kind")
    func refusals() throws {
        guard case .object(let members) = Self.whole else { return }
        let optional: Set = [
            "topic", "receiptSettled", "completed", "tags", "answer", "explanation", "answered", "outcome", "additions", "pack",
            "satisfaction",
            "mergedInto",
        ]
        for name in members.keys {
            var lacking = members
            lacking[name] = nil
            var empty = members
            empty[name] = .null
            var other = members
            other[name] = [[:]]
            for changed in [lacking, empty] {
                let read = try? StateCoding.decode(JSONValue.object(changed).canonical, as: CaseFile.self)
                #expect((read != nil) == optional.contains(name), "\(name)")
            }
            #expect(throws: StoreFailure.self, "\(name)") {
                try StateCoding.decode(JSONValue.object(other).canonical, as: CaseFile.self)
            }
        }
    }
}
