import CaseFlow
import Models
import TestSupport
import Testing

@testable import Notification

@Suite("What is told of a hot issue")
struct IssueNewsTests {
    private static let now = Instant(microseconds: 1_764_000_000_000_000)
    private static let title = "the plant of Mr Li makes noise"

    /// The test county with a leader who has an address, with words for the occasion or without.
    private static func county(hasWords: Bool) -> CountyDefinition {
        var definition = TestCounty.whole()
        if let index = definition.units.firstIndex(where: { $0.kind == .county }) {
            definition.units[index].members = [
                UnitMember(person: PersonCode(validated: "leader-1"), role: .leader, email: "leader@county.example")
            ]
        }
        definition.templates.removeAll { $0.id == .heating }
        if hasWords {
            definition.templates.append(
                NoticeTemplate(id: .heating, language: .zh, channel: .any, subject: "{{title}} {{count}}", body: "{{title}}"))
        }
        return definition
    }

    private static func told(of topic: TopicCode?, hasWords: Bool = true) throws -> [NotificationEffect] {
        let edition = try CountyBook.Edition(county(hasWords: hasWords))
        var book = CountyBook()
        book.add(edition)
        book.putInForce(edition.index.version)
        let subject = Subject(UniqueID(high: 1, low: 1))
        let heating = IssueHeating(
            title: title, topic: topic, region: nil, kind: .claim, unit: TestCounty.roads, units: [TestCounty.roads, TestCounty.works],
            heat: IssueHeat(cases: 12, people: 9, growth: 3, likes: 40, index: 3_300), level: 3, since: now - .seconds(86_400),
            cases: [CaseID(UniqueID(high: 2, low: 2))])
        let event = try CaseEvent(
            id: EventID(subject.raw), source: .routing, subject: subject, type: IssueHeating.type, version: IssueHeating.version, time: now,
            sequence: 4, after: SourcePositions(), county: edition.index.version, traceparent: nil, stating: heating)
        var state: NotificationState?
        let consequences = try NotificationProcess().apply(event, to: &state, in: FlowContext(now: now, counties: book))
        #expect(state == nil && consequences.facts.isEmpty)
        return consequences.effects
    }

    private static func notices(_ effects: [NotificationEffect]) -> [Notice] {
        effects.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }

    @Test("departments get counts and codes as they are documented, and nobody's words")
    func feed() throws {
        let entries = try Self.told(of: TestCounty.whole().topics.first?.code).compactMap {
            if case .feed(let entry) = $0 { entry } else { nil }
        }

        let entry = try #require(entries.first)
        #expect(entries.count == 1 && entry.sequence == 4 && entry.circle == nil && entry.unit == TestCounty.roads)
        #expect(try #require(PublishedLanguage.shared).misfits(entry.type, entry.body) == [])
        #expect(!String(decoding: entry.body, as: UTF8.self).contains("Mr Li"))
    }

    @Test("leaders read the title of its middle case, units only what it is about")
    func notices() throws {
        let notices = Self.notices(try Self.told(of: TestCounty.whole().topics.first?.code))
        let nameless = Self.notices(try Self.told(of: nil))

        #expect(notices.map(\.recipient) == [.unit(TestCounty.roads), .unit(TestCounty.works), .person(PersonCode(validated: "leader-1"))])
        #expect(Set(notices.map(\.id)).count == 3)
        for notice in notices + nameless {
            let isLeader = if case .person = notice.recipient { true } else { false }
            #expect((notice.fields["title"] == Self.title) == isLeader)
            #expect(notice.fields["title"]?.isEmpty == false && notice.fields["count"] == "12" && notice.fields["people"] == "9")
        }
    }

    @Test("a county without words for it sends no notice, and departments hear of it all the same")
    func silence() throws {
        let effects = try Self.told(of: nil, hasWords: false)

        #expect(Self.notices(effects).isEmpty && effects.count == 1)
    }
}
