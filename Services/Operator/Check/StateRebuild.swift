import CaseFlow
import Deadline
import Intake
import Models
import Notification
import Postgres
import Routing

/// Writes what every service remembers of each case anew, from the ledger alone: the events say everything.
///
/// A version that remembers in another form needs it once; after a loss it is a remedy. A case is written in one commit for all four
/// services, with their clock rows locked. A case of which a service knows events that have not reached the ledger yet is left as it is
/// and counted.
struct StateRebuild {
    let client: PostgresClient

    private static let page = 200

    /// Counts the forms in which services have remembered what they know of a case; raised with each change that a replay of old
    /// events would show.
    static let form = 4

    /// Whether cases are remembered in the form of a version before.
    func isNeeded() async throws -> Bool {
        try await client.run(
            "SELECT EXISTS (SELECT FROM intake.state_form WHERE form < \(Self.form)) AND EXISTS (SELECT FROM intake.cases)"
        ).first?.value(0) ?? false
    }

    /// Whether a case is remembered in a form that this version cannot use: routing's column `stage` is written last.
    func isForced() async throws -> Bool {
        try await client.run("SELECT EXISTS (SELECT FROM routing.cases WHERE stage IS NULL)").first?.value(0) ?? false
    }

    /// Puts down that every case is remembered in this version's form.
    func recordForm() async throws { try await client.run("UPDATE intake.state_form SET form = \(Self.form) WHERE form < \(Self.form)") }

    /// Goes through all cases; says how many were written and how many were left.
    func run(_ report: (Int) -> Void) async throws -> (written: Int, left: Int) {
        let counties = try await RecordReader(client: client).counties()
        // Replaying needs no signing: the key only completes the process.
        guard let signer = ReceiptSigner(seed: [UInt8](repeating: 0, count: 32)) else {
            throw CommandFailure("No Ed25519 key can be made here.")
        }
        let intake = IntakeProcess(signer: signer)
        var (last, written, left) = (Subject(UniqueID(high: 0, low: 0)), 0, 0)
        while true {
            let subjects: [Subject] = try await client.run(
                "SELECT subject FROM intake.cases WHERE subject > \(last) ORDER BY subject LIMIT \(Self.page)"
            ).map { try $0.value(0) }
            guard let end = subjects.last else { return (written, left) }
            let count = try await rebuild(subjects, intake, counties)
            (written, left, last) = (written + count, left + subjects.count - count, end)
            report(written)
        }
    }

    private func rebuild(_ subjects: [Subject], _ intake: IntakeProcess, _ counties: CountyBook) async throws -> Int {
        try await client.withTransaction { transaction in
            var clocks: [Source: [Subject: CaseClock]] = [:]
            for source in Source.allCases {
                let rows = try await transaction.run(
                    """
                    SELECT subject, intake, routing, deadline, notification, held, dead FROM \(identifier: source.rawValue).case_clock
                    WHERE subject = ANY(\(subjects)) ORDER BY subject FOR UPDATE
                    """)
                for row in rows {
                    clocks[source, default: [:]][try row.value(0)] = CaseClock(
                        positions: SourcePositions(
                            intake: try row.value(1), routing: try row.value(2), deadline: try row.value(3), notification: try row.value(4)),
                        held: try row.value(5), dead: try row.value(6))
                }
            }
            var events: [Subject: [CaseEvent]] = [:]
            let lines = try await transaction.run(
                "SELECT subject, event FROM intake.ledger WHERE subject = ANY(\(subjects)) ORDER BY subject, position")
            for row in lines { events[try row.value(0), default: []].append(try CaseEvent(wire: row.value(1))) }
            let ready = subjects.filter { subject in
                Source.allCases.allSatisfy { Self.isComplete(events[subject] ?? [], for: $0, clocks[$0]?[subject]) }
            }
            let histories = ready.map { ($0, events[$0] ?? []) }
            try await save(histories, intake, IntakeTables(), counties, transaction)
            try await save(histories, DeadlineProcess(), DeadlineTables(), counties, transaction)
            try await save(histories, NotificationProcess(), NotificationTables(), counties, transaction)
            try await save(histories, RoutingProcess(), RoutingTables(), counties, transaction)
            try await transaction.commit()
            return ready.count
        }
    }

    /// Whether the ledger holds exactly what the service has applied.
    private static func isComplete(_ events: [CaseEvent], for reader: Source, _ clock: CaseClock?) -> Bool {
        guard let clock else { return !events.contains { $0.source == reader || reader.hears.contains($0.source) } }
        return clock.held == 0 && clock.dead == 0
            && ([reader] + reader.hears).allSatisfy { source in
                clock.positions[source] == Int64(events.count { $0.source == source })
            }
    }

    /// Writes the states that a service's process makes of the histories, and with each its clock row, so that no service goes by what it
    /// remembers of the case.
    private func save<P: CaseProcess, T: CaseTables>(
        _ histories: [(Subject, [CaseEvent])], _ process: P, _ tables: T, _ counties: CountyBook, _ transaction: PostgresTransaction
    ) async throws where T.State == P.State, T.Effect == P.Effect {
        var states: [(subject: Subject, state: P.State)] = []
        for (subject, events) in histories {
            var state: P.State?
            for event in events where event.source == process.source || process.source.hears.contains(event.source) {
                _ = try process.apply(event, to: &state, in: FlowContext(now: event.time, counties: counties))
            }
            if let state { states.append((subject, state)) }
        }
        if states.isEmpty { return }
        try await transaction.run("SET LOCAL search_path TO \(identifier: process.source.rawValue)")
        try await transaction.run("UPDATE case_clock SET held = held WHERE subject = ANY(\(states.map(\.subject)))")
        for statement in try tables.statements(saving: states, effects: []) { try await transaction.run(statement) }
        try await transaction.run("RESET search_path")
    }
}
