import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Intake

@Suite("The list of cases", .timeLimit(.minutes(5)))
struct CaseListTests {
    private static let people: [ActingPerson] = {
        let units: [UnitCode?] = [
            nil, TestCounty.desk, TestCounty.education, TestCounty.county, TestCounty.roads, UnitCode(validated: "village-2"),
            UnitCode(validated: "gone"),
        ]
        let persons = [nil, "leader-1", "officer-1", "someone", "edu-head"].map { $0.map { PersonCode(validated: $0) } }
        return Role.allCases.flatMap { role in
            units.flatMap { unit in persons.map { ActingPerson(role: role, unit: unit, person: $0) } }
        }
    }()

    /// What the filter says, word by word, of one case.
    private static func matches(_ found: InventedCases.Case, _ filter: CaseFilter, now: Instant) -> Bool {
        let (file, facts) = (found.file, found.facts)
        if let stages = filter.stages, !stages.contains(file.stage) { return false }
        if let units = filter.units, !units.contains(file.unit) { return false }
        if let topics = filter.topics, !(file.topic.map(topics.contains) ?? false) { return false }
        if let regions = filter.regions, !(facts.region.map(regions.contains) ?? false) { return false }
        if let kinds = filter.kinds, !kinds.contains(facts.kind) { return false }
        if let channels = filter.channels, !channels.contains(facts.channel) { return false }
        if let from = filter.from, facts.registered < from { return false }
        if let until = filter.until, facts.registered >= until { return false }
        if filter.isOverdue {
            let owed = file.clocks.filter { clock in
                (clock.phase == .running || clock.phase == .passed) && !(clock.isRight ?? (clock.name == .objection))
            }
            if file.stage.isFinal || !owed.contains(where: { $0.due < now }) { return false }
        }
        if let text = filter.text, !facts.title.contains(text), !facts.number.contains(text) { return false }
        return true
    }

    private static func filter(_ invented: inout InventedCases, _ cases: [InventedCases.Case]) -> CaseFilter {
        let county = invented.county
        let some = invented.pick(cases)
        var filter = CaseFilter()
        if invented.chance(4) { filter.stages = invented.pick([[.assigned], [.closed, .registered], [.underReview]]) }
        if invented.chance(4) { filter.units = county.unitTree.subtree(of: invented.pick(county.definition.units).code) }
        if invented.chance(4) { filter.topics = county.topicTree.subtree(of: invented.pick(county.definition.topics).code) }
        if invented.chance(4) { filter.regions = county.regionTree.subtree(of: invented.pick(county.definition.regions).code) }
        if invented.chance(5) { filter.kinds = [invented.pick(CaseKind.allCases)] }
        if invented.chance(5) { filter.channels = [invented.pick(Channel.allCases)] }
        if invented.chance(4) { filter.from = some.facts.registered }
        if invented.chance(4) { filter.until = some.facts.registered + .seconds(86_400) }
        filter.isOverdue = invented.chance(4)
        if invented.chance(3) {
            let words = ["道路", "路学", "%_", "26", "2026", "灯灯", "-0000", "000", String(some.facts.number.dropFirst(6)), some.facts.number]
            filter.text = invented.pick(words)
        }
        return filter
    }

    @Test("gives everybody exactly the cases that fit and that they may see, from the newest to the oldest", arguments: [1, 2] as [UInt64])
    func bruteForce(seed: UInt64) async throws {
        var invented = try InventedCases(seed: seed)
        var cases: [InventedCases.Case] = []
        for _ in 0..<900 { cases.append(try invented.next(after: cases.last?.facts.registered ?? InventedCases.start)) }
        let now = cases[cases.count / 2].facts.registered
        let county = invented.county
        try await CaseShelf.with(county) { shelf in
            try await shelf.save(cases, isNew: true)
            for index in cases.indices where invented.chance(3) { cases[index] = try invented.change(cases[index]) }
            try await shelf.save(cases, isNew: false)

            var hits = 0
            for _ in 0..<150 {
                let (filter, person) = (Self.filter(&invented, cases), invented.pick(Self.people))
                let limit = invented.pick([1, 7, 50, 500])
                let found = try await shelf.all(filter, for: person, limit: limit == 1 ? 7 : limit, now: now)

                let expected = cases.filter { found in
                    Self.matches(found, filter, now: now) && found.file.life.access(of: person, in: county, current: county) > .none
                }
                #expect(found == expected.map(\.subject).sorted(by: >), "\(filter) \(person)")
                hits += found.count
            }
            #expect(hits > 1000)
        }
    }

    @Test("lets nobody miss a case or see it twice while others come and change")
    func stable() async throws {
        var invented = try InventedCases(seed: 3)
        var cases: [InventedCases.Case] = []
        for _ in 0..<400 { cases.append(try invented.next(after: cases.last?.facts.registered ?? InventedCases.start)) }
        let dispatcher = ActingPerson(role: .dispatcher, unit: TestCounty.desk)
        try await CaseShelf.with(invented.county) { shelf in
            try await shelf.save(cases, isNew: true)
            // Those stay as they are; of the others some change between pages and new ones come.
            let calm = Set(cases.indices.filter { $0 % 2 == 0 }.map { cases[$0].subject })
            var late: [InventedCases.Case] = []

            let found = try await shelf.all(
                CaseFilter(stages: [.assigned, .accepted, .closed]), for: dispatcher, limit: 9, now: .init(microseconds: 0)
            ) {
                late.append(try invented.next(after: (late.last ?? cases[399]).facts.registered))
                let changed = try invented.change(cases[invented.pick(Array(0..<200)) * 2 + 1])
                try await shelf.save([late[late.count - 1]], isNew: true)
                try await shelf.save([changed], isNew: false)
            }

            let owed = cases.filter { found in
                calm.contains(found.subject) && [.assigned, .accepted, .closed].contains(found.file.stage)
                    && found.file.life.access(of: dispatcher, in: invented.county, current: invented.county) > .none
            }
            #expect(Set(found).count == found.count)
            #expect(found.filter(calm.contains) == owed.map(\.subject).sorted(by: >))
            #expect(found.first.map { $0 <= cases[399].subject } == true)
        }
    }

    @Test("examines a few thousand cases for a page and goes on with the next, however rare what is sought")
    func bounded() async throws {
        var invented = try InventedCases(seed: 4)
        var cases: [InventedCases.Case] = []
        for _ in 0..<7000 { cases.append(try invented.next(after: cases.last?.facts.registered ?? InventedCases.start)) }
        cases[0].facts.channel = .hotline
        for index in 1..<7000 { cases[index].facts.channel = .web }
        try await CaseShelf.with(invented.county) { shelf in
            for start in stride(from: 0, to: 7000, by: 1000) { try await shelf.save(Array(cases[start..<start + 1000]), isNew: true) }
            let (filter, clerk) = (CaseFilter(channels: [.hotline]), ActingPerson(role: .supervisor))

            let first = try await shelf.page(filter, for: clerk, limit: 50, after: nil, now: .init(microseconds: 0))
            let all = try await shelf.all(filter, for: clerk, limit: 50, now: .init(microseconds: 0))

            #expect(first.items.isEmpty)
            let examined = cases.count { found in first.next.map { found.subject >= $0 } ?? false }
            #expect((CaseListing.budget...CaseListing.budget + 1000).contains(examined))
            #expect(all == (cases[0].file.life.isConfidential ? [] : [cases[0].subject]))
        }
    }

    @Test("is indexed by the pieces that the migration makes of what was there before")
    func grams() async throws {
        var invented = try InventedCases(seed: 5)
        let found = try invented.next(after: InventedCases.start)
        try await CaseShelf.with(invented.county) { shelf in
            try await shelf.save([found], isNew: true)
            let migration = try #require(IntakeService.migrations.first { $0.name == "M0006_lists" })
            let update = try #require(migration.sql.split(separator: ";").first { $0.contains("SET grams = (") })
            func grams() async throws -> String {
                try await shelf.client.run("SELECT array(SELECT unnest(grams) ORDER BY 1)::text FROM registrations")[0].value(0)
            }

            let before = try await grams()
            try await shelf.client.run(SQL(unsafe: String(update)))

            #expect(try await grams() == before)
            #expect(before.count > 60)
        }
    }
}
