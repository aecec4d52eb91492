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
            let examined = cases.count { found in
                !found.file.life.isConfidential && first.next.map { found.subject >= $0 } ?? false
            }
            #expect(examined == CaseListing.leastBudget)
            #expect(all == (cases[0].file.life.isConfidential ? [] : [cases[0].subject]))
        }
    }

    /// So many cases from the newest to the oldest of which everybody may know, or nobody without a part in them.
    private static func cases(_ count: Int, confidential: Bool, _ invented: inout InventedCases) throws -> [InventedCases.Case] {
        var (cases, moment) = ([InventedCases.Case](), InventedCases.start)
        while cases.count < count {
            let found = try invented.next(after: moment)
            moment = found.facts.registered
            if found.file.life.isConfidential == confidential { cases.append(found) }
        }
        return cases.reversed()
    }

    @Test("seeks a text in the same way whether or not cases that nobody may know of hold it")
    func hiddenTexts() async throws {
        var invented = try InventedCases(seed: 6)
        var cases = try Self.cases(CaseListing.mostHits + 300, confidential: false, &invented)
        for index in cases.indices {
            cases[index].facts.channel = .web
            // As many titles as are just rare enough in the newest cases, and as many as are just few enough in all.
            cases[index].facts.title = index < 1 ? "嫌疑" : index < 300 ? "道路" : "贪污"
        }
        // A page reaches it by the pieces of its text, and not by looking at one case after the other.
        cases[CaseListing.leastBudget + 250].facts.channel = .hotline
        var hidden = try Self.cases(2, confidential: true, &invented)
        let newest = try #require(cases.first).facts.registered
        for (index, title) in ["嫌疑", "贪污"].enumerated() {
            let found = try invented.next(after: newest)
            hidden[index].subject = found.subject
            hidden[index].facts.title = title
            hidden[index].facts.number = found.facts.number
            hidden[index].file.number = found.facts.number
        }
        try await CaseShelf.with(invented.county) { shelf in
            try await shelf.save(cases, isNew: true)
            func pages() async throws -> [CaseListing.Page] {
                let filters = [CaseFilter(text: "嫌疑"), CaseFilter(channels: [.hotline], text: "贪污")]
                var pages: [CaseListing.Page] = []
                for filter in filters {
                    pages.append(
                        try await shelf.page(filter, for: .init(role: .clerk), limit: 50, after: nil, now: .init(microseconds: 0)))
                }
                return pages
            }

            let before = try await pages()
            try await shelf.save(hidden, isNew: true)
            let after = try await pages()

            #expect(before.map(\.items.count) == [1, 1] && before[0].next == nil)
            #expect(after.map { $0.items.map(\.subject) } == before.map { $0.items.map(\.subject) })
            #expect(after.map(\.next) == before.map(\.next))
        }
    }

    @Test("is cut into the same pages whether or not there are cases that the asker may not know of")
    func hiddenCases() async throws {
        var invented = try InventedCases(seed: 7)
        var cases: [InventedCases.Case] = []
        for _ in 0..<5600 { cases.append(try invented.next(after: cases.last?.facts.registered ?? InventedCases.start)) }
        for index in cases.indices { cases[index].facts.channel = index % 100 == 0 ? .hotline : .web }
        let people = [ActingPerson(role: .clerk), ActingPerson(role: .officer, unit: TestCounty.roads), ActingPerson(role: .dispatcher)]
        let county = invented.county
        let hidden = cases.filter { found in
            found.file.life.isConfidential && people.allSatisfy { found.file.life.access(of: $0, in: county, current: county) == .none }
        }
        let others = Set(cases.map(\.subject)).subtracting(hidden.map(\.subject))
        let filters = [
            CaseFilter(channels: [.hotline]), CaseFilter(stages: Stage.allCases, channels: [.hotline]),
            CaseFilter(regions: county.definition.regions.map(\.code), channels: [.hotline]),
            CaseFilter(channels: [.hotline], text: "道路"), CaseFilter(channels: [.letter]),
        ]
        try await CaseShelf.with(county) { shelf in
            try await shelf.save(cases.filter { others.contains($0.subject) }, isNew: true)
            func pages() async throws -> [[[Subject?]]] {
                var lists: [[[Subject?]]] = []
                for (filter, person) in filters.flatMap({ filter in people.map { (filter, $0) } }) {
                    var (list, next) = ([[Subject?]](), Subject?.none)
                    repeat {
                        let page = try await shelf.page(filter, for: person, limit: 30, after: next, now: .init(microseconds: 0))
                        next = page.next
                        list.append(page.items.map(\.subject) + [next])
                    } while next != nil
                    lists.append(list)
                }
                return lists
            }

            let before = try await pages()
            try await shelf.save(hidden, isNew: true)
            let after = try await pages()

            #expect(hidden.count > 500)
            #expect(before.contains { $0.count > 2 })
            for (list, (new, old)) in zip(after, before).enumerated() {
                let place = zip(new, old).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                #expect(place == nil, "list \(list)")
                #expect(new.count == old.count)
            }
        }
    }

    @Test("goes on where so many cases lie together of which the asker may not know that a page gives up")
    func barren() async throws {
        var invented = try InventedCases(seed: 8)
        let hidden = try Self.cases(7500, confidential: true, &invented)
        var shown = try Self.cases(10, confidential: false, &invented)
        for index in shown.indices {
            // Older than all others.
            let moment = InventedCases.start - .seconds(Int64(index + 1) * 60)
            shown[index].subject = Subject(.version7(at: moment, random: (1, UInt64(index))))
            shown[index].facts.number += "0"
        }
        try await CaseShelf.with(invented.county) { shelf in
            for start in stride(from: 0, to: hidden.count, by: 1500) {
                try await shelf.save(Array(hidden[start..<start + 1500]), isNew: true)
            }
            try await shelf.save(shown, isNew: true)

            let clerk = ActingPerson(role: .clerk)
            let first = try await shelf.page(CaseFilter(), for: clerk, limit: 50, after: nil, now: .init(microseconds: 0))
            let all = try await shelf.all(CaseFilter(), for: clerk, limit: 50, now: .init(microseconds: 0))

            #expect(first.items.isEmpty && first.next != nil)
            #expect(all == shown.map(\.subject).sorted(by: >))
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
