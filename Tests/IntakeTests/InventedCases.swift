import CaseFlow
import Models
import TestSupport

@testable import Intake

/// Cases of an invented county in every stage and constellation that lists tell apart, the same for the same seed.
struct InventedCases {
    struct Case {
        var subject: Subject
        var facts: CaseRegistered
        var file: CaseFile
    }

    static let start = Instant(microseconds: 1_790_000_000_000_000)

    let county: CountyIndex
    private var random: SeededRandom
    private var serial: Int64 = 0

    init(seed: UInt64, villages: Int = 6) throws {
        county = try CountyIndex(Self.definition(villages: villages))
        random = SeededRandom(seed: seed)
    }

    /// Three bureaus with a station each, a township with villages, and topics and regions below others.
    static func definition(villages: Int) -> CountyDefinition {
        func name(_ text: String) -> LocalizedText { LocalizedText(zh: text, en: text) }
        var definition = TestCounty.whole()
        let town = UnitCode(validated: "town")
        definition.units.append(CountyUnit(code: town, parent: TestCounty.county, kind: .township, name: name("town")))
        definition.regions = [CountyRegion(code: RegionCode(validated: "all"), parent: nil, name: name("all"))]
        for number in 0..<villages {
            definition.units.append(
                CountyUnit(code: UnitCode(validated: "village-\(number)"), parent: town, kind: .village, name: name("village")))
            definition.regions.append(
                CountyRegion(
                    code: RegionCode(validated: "place-\(number)"),
                    parent: RegionCode(validated: number % 3 == 0 ? "all" : "place-\(number - 1)"), name: name("place")))
        }
        definition.topics = (0..<12).map { number in
            CountyTopic(
                code: TopicCode(validated: "topic-\(number)"),
                parent: number < 3 ? nil : TopicCode(validated: "topic-\(number % 3)"), name: name("topic"))
        }
        return definition
    }

    /// The next case, registered up to an hour after the one before.
    mutating func next(after moment: Instant) throws -> Case {
        serial += 1
        let registered = moment + .microseconds(Int64.random(in: 1...3_600_000_000, using: &random))
        let subject = Subject(UniqueID.version7(at: registered - .seconds(1), random: (random.next(), random.next())))
        var facts = CaseRegistered(
            number: CaseNumber.make(date: county.calendar.offsets.date(at: registered), serial: serial),
            kind: chance(8) ? .accusation : pick([.claim, .suggestion, .inquiry]), channel: pick(Channel.allCases),
            urgency: pick(Urgency.allCases), title: title(), narrative: "…", topic: chance(2) ? pick(county.definition.topics).code : nil,
            region: chance(3) ? nil : pick(county.definition.regions).code, occurred: nil, anonymous: chance(5), petitioners: [],
            registered: registered, receipt: "")
        if chance(12) { facts.accused = .init(units: [pick(county.definition.units).code]) }
        if chance(40) { facts.accused = .init(persons: [PersonCode(validated: "someone")]) }
        let first = try event(facts, of: subject, sequence: 1, known: 0)
        var file = CaseFile(
            number: facts.number, registered: registered, title: facts.title, life: CaseLife(first, facts, in: county), topic: facts.topic,
            urgency: facts.urgency, county: county.version, clocks: [], receiptOwed: false, receiptSettled: nil, receiptFailed: false,
            completed: chance(2) ? registered : nil, petitioners: 1)
        let steps = life()
        for (index, step) in steps.enumerated() {
            try file.take(event(step, of: subject, sequence: Int64(index + 1), known: 1), in: county)
        }
        if chance(25) {
            try file.take(
                event(CaseWithdrawn(by: .petitioner, reason: nil), of: subject, sequence: 2, known: Int64(steps.count)), in: county)
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) { file.clocks.append(clock(registered)) }
        return Case(subject: subject, facts: facts, file: file)
    }

    /// Moves a case on by some steps of another's life.
    mutating func change(_ found: Case) throws -> Case {
        var changed = found
        for step in life() {
            try changed.file.take(
                event(step, of: found.subject, sequence: changed.file.life.revision.routing + 1, known: 9), in: county)
        }
        return changed
    }

    /// A case that has come to its end.
    mutating func closed(_ found: Case) throws -> Case {
        var closed = found
        closed.file.clocks = []
        let facts = CaseClosed(by: ActingPerson(role: .dispatcher), outcome: .explained, note: nil)
        try closed.file.take(event(facts, of: found.subject, sequence: found.file.life.revision.routing + 1, known: 9), in: county)
        return closed
    }

    private mutating func life() -> [any EventFacts] {
        let by = ActingPerson(role: .dispatcher)
        let units = county.definition.units.map(\.code)
        if chance(8) { return [] }
        var facts: [any EventFacts] = [
            CaseAssigned(
                unit: pick(units), rule: nil, reason: LocalizedText(zh: "", en: ""),
                topic: chance(10) ? nil : pick(county.definition.topics).code, urgency: .ordinary,
                pack: RulePackCode(validated: "national"), previous: nil, handOffs: 0)
        ]
        if chance(4) { facts.append(CoHandlingAssigned(by: by, unit: pick(units), task: "", workdays: 3)) }
        if chance(10) { facts.append(AssistanceOpened(by: by, serial: 1, unit: pick(units), task: "", workdays: 5)) }
        if chance(6) { facts.append(ChargeTaken(by: ActingPerson(role: .leader, person: PersonCode(validated: "leader-1")))) }
        if chance(8) { facts.append(OfficerRecused(by: by, person: PersonCode(validated: "officer-1"), reason: "")) }
        if chance(2) { facts.append(CaseAccepted(by: by, officer: nil)) }
        if chance(2) {
            let answer = AnswerText(claim: "", facts: "", opinion: .support, conclusion: "", basis: "")
            facts.append(CaseAnswered(by: by, answer: answer, reviewer: nil))
            if chance(2) { facts.append(CaseClosed(by: by, outcome: .explained, note: nil)) }
        }
        return facts
    }

    private mutating func clock(_ registered: Instant) -> CaseFileClock {
        let due = registered + .seconds(Int64.random(in: 0...90, using: &random) * 86_400)
        return CaseFileClock(
            name: pick([.dispose, .inform, .objection, .handle]), serial: 1, due: due, dueDate: county.calendar.offsets.date(at: due),
            provisional: false, phase: pick([.running, .running, .passed, .met, .lapsed]), isRight: pick([nil, false, true]))
    }

    private mutating func title() -> String {
        (0..<Int.random(in: 2...5, using: &random)).map { _ in
            pick(["道路", "路灯", "学校", "拖欠", "工资", "医保", "停水", "噪音", "小区", "物业", "低保", "拆迁", "a%_\\b", "2026", "灯"])
        }.joined()
    }

    private func event(_ facts: any EventFacts, of subject: Subject, sequence: Int64, known: Int64) throws -> CaseEvent {
        let isRouting = !(facts is CaseRegistered || facts is CaseWithdrawn)
        var after = SourcePositions()
        after[isRouting ? .intake : .routing] = known
        return try CaseEvent(
            id: EventID(subject.raw), source: isRouting ? .routing : .intake, subject: subject, type: type(of: facts).type, version: 1,
            time: Self.start, sequence: sequence, after: after, county: county.version, traceparent: nil, stating: facts)
    }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
    mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: values.indices, using: &random)] }
}
