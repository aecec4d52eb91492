import CaseFlow
import Deadline
import Models
import Postgres

/// Cases of which deadline remembers one running clock each, with a rung at a moment of choice: as it remembers registered ones.
public struct PendingClocks: Sendable {
    private let county: CountyIndex
    private let sample: DeadlineState
    private let positions: CaseClock
    private let clock: LegalClock
    private let rule: PackClock
    private let pack: RulePack

    /// How long the clocks run; half of it is over at the first rung.
    private static let length = Duration.seconds(15 * 86_400)
    /// How many are put down in one commit.
    private static let page = 4000

    /// Makes them after the case that deadline would remember in a county.
    public init(in definition: CountyDefinition) throws {
        let edition = try CountyBook.Edition(definition)
        county = edition.index
        var book = CountyBook()
        book.add(edition)
        book.putInForce(county.version)
        let subject = Self.subject(0)
        let now = Instant(microseconds: 1_764_000_000_000_000)
        let facts = CaseRegistered(
            number: "20251125-000001-0", kind: .claim, channel: .web, urgency: .ordinary, title: "invented", narrative: "invented",
            topic: nil, region: nil, occurred: nil, anonymous: true, petitioners: [], registered: now, receipt: "")
        let event = try CaseEvent(
            id: EventID(subject.raw), source: .intake, subject: subject, type: CaseRegistered.type, version: CaseRegistered.version,
            time: now, sequence: 1, after: SourcePositions(), county: county.version, traceparent: nil, stating: facts)
        var plan = BatchPlan(
            process: DeadlineProcess(), loaded: Loaded(now: now, counties: book, clocks: [subject: CaseClock()], states: [:]),
            identifiers: RandomIdentifiers())
        plan.receive(event)
        let state = plan.state(of: subject)
        let changes = plan.finish()
        guard let state, let clock = state.clocks.first, let positions = changes.clocks.first?.clock, let pack = county.pack(clock.pack),
            let rule = pack.clock(clock.name), !pack.ladder(of: rule).warnings.isEmpty
        else { throw CommandFailure("No clock with a warning runs from registration in this county: use one whose packs have it.") }
        (sample, self.positions, self.clock, self.pack, self.rule) = (state, positions, clock, pack, rule)
    }

    /// Puts the county into force at deadline.
    public func publish(to client: PostgresClient) async throws {
        try await client.run(
            """
            INSERT INTO deadline.counties (version, sequence, definition)
            VALUES (\(county.version), 1, \(try county.definition.canonicalJSON()))
            """)
        // Nothing runs yet that could be counted anew by it.
        try await client.run("INSERT INTO deadline.recounts (sequence, version, total, done) VALUES (1, \(county.version), 0, true)")
    }

    /// The case number `index`.
    public static func subject(_ index: Int) -> Subject {
        Subject(UniqueID(high: 0x0193_0000_0000_7000 + UInt64(index) << 16, low: 0x8000_0000_0000_0000 | UInt64(index)))
    }

    /// Puts down one case for each moment, from the case number `first` on; its first rung may fire at that moment, the next days later.
    public func insert(_ moments: [Instant], from first: Int, to client: PostgresClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (page, start) in stride(from: 0, to: moments.count, by: Self.page).enumerated() {
                // Two at a time: one is made while the other is stored.
                if page > 1 { try await group.next() }
                let range = start..<min(start + Self.page, moments.count)
                group.addTask { try await insert(moments[range], from: first + start, to: client) }
            }
            try await group.waitForAll()
        }
    }

    private func insert(_ moments: ArraySlice<Instant>, from first: Int, to client: PostgresClient) async throws {
        let states = moments.enumerated().map { offset, moment in state(first + offset, firing: moment) }
        let subjects = moments.indices.map { Self.subject(first + $0 - moments.startIndex) }
        try await client.run([
            """
            INSERT INTO deadline.case_clock (subject, intake, routing, deadline)
            SELECT subject, \(positions.positions[.intake]), 0, \(positions.positions[.deadline]) FROM unnest(\(subjects)) AS u(subject)
            """,
            """
            INSERT INTO deadline.cases (subject, next_at, last_due, state)
            SELECT * FROM unnest(\(subjects), \(states.map(\.nextRung)), \(states.map(\.lastDue)), \(try states.map { try StateCoding.encode($0) }))
            """,
        ])
    }

    private func state(_ index: Int, firing moment: Instant) -> DeadlineState {
        // The first warning comes when its share of the time is over.
        let share = pack.ladder(of: rule).warnings.first ?? 50
        let gone = Self.length * share / 100
        var clock = clock
        clock.from = moment - gone
        clock.due = clock.from + Self.length
        clock.dueDate = county.calendar.offsets.date(at: clock.due)
        clock.pending = Rungs.plan(start: clock.from, due: clock.due, clock: rule, of: pack, calendar: county.calendar)
        var state = sample
        state.registered = clock.from
        state.clocks = [clock]
        return state
    }
}
