import HummingbirdCore
import Models
import Testing

@testable import Intake

@Suite("The next page of a list of cases")
struct CaseCursorTests {
    private static let asker = ActingPerson(
        role: .officer, unit: UnitCode(validated: "education"), person: PersonCode(validated: "officer-1"))
    private static let place = Subject(UniqueID.version7(at: Instant(microseconds: 1_790_000_000_000_000), random: (7, 8)))

    private static let path = ListPath(source: 1, gathers: 0, isThin: 1, pages: 2, examined: 1064)

    private let seal: SealKey

    init() throws { seal = try #require(SealKey(secret: [UInt8](repeating: 3, count: 32))) }

    private func cursor(_ query: String = "text=%E9%81%93&stage=closed", by asker: ActingPerson = asker, seal: SealKey? = nil) -> CaseCursor
    {
        CaseCursor(seal: seal ?? self.seal, asker: asker, query: URI("/v1/cases?\(query)").queryParameters)
    }

    @Test("is found again by whoever was given it, with another limit and the same filters in another order")
    func opens() throws {
        let text = try cursor().text(below: Self.place, path: Self.path)

        #expect(cursor().place(text)?.subject == Self.place)
        #expect(cursor("limit=3&stage=closed&after=\(text)&text=%E9%81%93").place(text)?.subject == Self.place)
    }

    @Test("is found under the key that seals now when a former one sealed it")
    func rotated() throws {
        let newer = try #require(SealKey(secret: [UInt8](repeating: 4, count: 32), older: [[UInt8](repeating: 3, count: 32)]))

        #expect(cursor(seal: newer).place(try cursor().text(below: Self.place, path: Self.path))?.subject == Self.place)
    }

    @Test("serves nobody else, and no other filters")
    func bound() throws {
        let text = try cursor().text(below: Self.place, path: Self.path)
        var others = [ActingPerson](repeating: Self.asker, count: 5)
        others[0].role = .unitHead
        others[1].unit = UnitCode(validated: "health")
        others[2].unit = nil
        others[3].person = PersonCode(validated: "officer-2")
        others[4].person = nil

        for other in others { #expect(cursor(by: other).place(text) == nil, "\(other)") }
        for query in ["", "stage=closed", "text=%E9%81%93&stage=assigned", "text=%E9%81%93&stage=closed&overdue=true"] {
            #expect(cursor(query).place(text) == nil, "\(query)")
        }
    }

    @Test("cannot be read or made up, and stands in an address as it is")
    func sealed() throws {
        for _ in 0..<50 {
            let text = try cursor().text(below: Self.place, path: Self.path)
            #expect(try /[0-9a-f]{8}\.[A-Za-z0-9_\-]+/.wholeMatch(in: text) != nil)
            #expect(!text.contains(Self.place.description))
        }
        let foreign = try #require(SealKey(secret: [UInt8](repeating: 5, count: 32)))
        let name = try seal.seal(Self.place.description).text
        for text in [
            Self.place.description, "", ".", "x.y", "\(seal.id).", name, try cursor(seal: foreign).text(below: Self.place, path: Self.path),
        ] {
            #expect(cursor().place(text) == nil, "\(text)")
        }
    }
}
