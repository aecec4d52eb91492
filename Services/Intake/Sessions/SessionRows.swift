import CaseFlow
import Models
import Postgres

/// How sessions stand in the table `sessions`.
enum SessionRows {
    /// The statement that stores the sessions among `states`; none when there is none.
    static func statements(saving states: [(subject: Subject, state: IntakeState)]) throws -> [SQL] {
        let sessions = states.compactMap { item in item.state.session.map { (subject: item.subject, record: $0) } }
        if sessions.isEmpty { return [] }
        let records = sessions.map(\.record)
        return [
            """
            INSERT INTO sessions (subject, kind, level, leader, unit, region, starts_at, ends_at, phase, published_at, opened_at, record)
            SELECT * FROM unnest(\(sessions.map(\.subject)), \(records.map(\.kind.rawValue)), \(records.map(\.level.rawValue)),
                \(records.map(\.leader.text)), \(records.map(\.unit.text)), \(records.map { $0.region?.text }),
                \(records.map(\.starts)), \(records.map(\.ends)), \(records.map(\.phase.rawValue)), \(records.map(\.published)),
                \(records.map(\.opened)), \(try records.map { try StateCoding.encode($0) }))
            ON CONFLICT (subject) DO UPDATE SET level = excluded.level, leader = excluded.leader, unit = excluded.unit,
                starts_at = excluded.starts_at, ends_at = excluded.ends_at, phase = excluded.phase,
                published_at = excluded.published_at, opened_at = excluded.opened_at, record = excluded.record
            """
        ]
    }
}
