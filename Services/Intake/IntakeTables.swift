import CaseFlow
import FoundationEssentials
import Models
import Postgres

/// Intake's tables: `cases`, `parts`, `registrations`, `sessions` and `ledger`.
public struct IntakeTables: CaseTables {
    public typealias State = IntakeState
    public typealias Effect = IntakeEffect

    public init() {}

    public func selection(of subjects: [Subject]) -> SQL {
        """
        SELECT c.subject, c.position, c.head, c.file, s.record FROM cases c LEFT JOIN sessions s USING (subject)
        WHERE c.subject = ANY(\(subjects))
        """
    }

    public func state(from row: PostgresRow) throws -> IntakeState {
        var state = IntakeState()
        state.position = try row.value(1)
        state.head = try row.value(2)
        state.file = try row.optional(3, as: [UInt8].self).map { try StateCoding.decode($0) }
        state.session = try row.optional(4, as: [UInt8].self).map { try StateCoding.decode($0) }
        return state
    }

    public func county(of state: IntakeState) -> String { state.file?.county ?? "" }

    public func statements(
        saving states: [(subject: Subject, state: IntakeState)], _ rows: StateRows, effects: [IntakeEffect]
    ) throws -> [SQL] {
        var (statements, lines): ([SQL], [LedgerLine]) = ([], [])
        var registrations: [(subject: Subject, facts: CaseRegistered)] = []
        var corrections: [(subject: Subject, index: Int, petitioner: CaseRegistered.Petitioner)] = []
        for effect in effects {
            switch effect {
            case .line(let line): lines.append(line)
            case .registration(let subject, let facts): registrations.append((subject, facts))
            case .correction(let subject, let index, let petitioner): corrections.append((subject, index, petitioner))
            }
        }
        if !states.isEmpty {
            let files = states.map(\.state.file)
            let saved = [
                "position", "head", "stage", "unit", "completed_at", "file", "topic", "due", "circle::text[]", "parts::text[]",
            ]
            let columns = files.map { $0.map { CaseColumns($0) } }
            // What an event other than the registration saves leaves the region as it is.
            let regions = Dictionary(uniqueKeysWithValues: registrations.map { ($0.subject, $0.facts.region?.text) })
            statements.append(
                """
                \(unsafe: rows.beginning("cases", saved, fixed: ["number", "registered_at", "region"]))
                FROM unnest(\(states.map(\.subject)), \(states.map(\.state.position)), \(states.map(\.state.head)),
                    \(files.map { $0?.number }), \(files.map { $0?.stage.rawValue }), \(files.map { $0?.unit.text }),
                    \(files.map { $0?.registered }), \(files.map { $0?.completed }),
                    \(try files.map { try $0.map { try StateCoding.encode($0) } }), \(columns.map { $0?.topic }),
                    \(columns.map { $0?.due }), \(columns.map { CaseColumns.array($0?.circle) }),
                    \(columns.map { CaseColumns.array($0?.parts) }), \(states.map { regions[$0.subject] ?? nil }))
                    AS u(subject, position, head, number, stage, unit, registered_at, completed_at, file, topic, due, circle, parts, region)
                \(unsafe: rows.end("cases", saved))
                """)
            statements += Self.parts(of: states)
        }
        statements += try SessionRows.statements(saving: states)
        if !registrations.isEmpty {
            let facts = registrations.map(\.facts)
            statements.append(
                """
                INSERT INTO registrations (subject, number, kind, channel, title, narrative, topic, region, occurred_at, anonymous,
                    petitioners, registered_at, session, grams)
                SELECT subject, number, kind, channel, title, narrative, topic, region, occurred_at, anonymous, petitioners,
                    registered_at, session, grams::int4[]
                FROM unnest(\(registrations.map(\.subject)), \(facts.map(\.number)), \(facts.map(\.kind.rawValue)),
                    \(facts.map(\.channel.rawValue)), \(facts.map(\.title)), \(facts.map(\.narrative)), \(facts.map { $0.topic?.text }),
                    \(facts.map { $0.region?.text }), \(facts.map(\.occurred)), \(facts.map(\.anonymous)),
                    \(try facts.map { try StateCoding.encode($0.petitioners) }), \(facts.map(\.registered)),
                    \(facts.map(\.session)),
                    \(facts.map { CaseColumns.array(SearchGrams.of(title: $0.title, number: $0.number).map { String($0) }) }))
                    AS u(subject, number, kind, channel, title, narrative, topic, region, occurred_at, anonymous, petitioners,
                        registered_at, session, grams)
                """)
        }
        statements += WriterRows.statements(
            adding: registrations.flatMap { registration in registration.facts.petitioners.map { (registration.subject, $0.person) } })
        for correction in corrections {
            statements.append(
                """
                UPDATE registrations SET petitioners = convert_to(jsonb_set(convert_from(petitioners, 'UTF8')::jsonb,
                    ARRAY[\(String(correction.index))], convert_from(\(try StateCoding.encode(correction.petitioner)), 'UTF8')::jsonb)::text, 'UTF8')
                WHERE subject = \(correction.subject)
                """)
            // Who was named by mistake has not written it.
            statements.append("DELETE FROM writers WHERE subject = \(correction.subject)")
            statements.append(
                """
                INSERT INTO writers (person, subject)
                SELECT DISTINCT left(p ->> 'person', 32)::uuid, r.subject
                FROM registrations r, jsonb_array_elements(convert_from(r.petitioners, 'UTF8')::jsonb) AS p
                WHERE r.subject = \(correction.subject) AND p ->> 'person' ~ '^[0-9a-f]{32}'
                """)
        }
        if !lines.isEmpty {
            statements.append(
                """
                INSERT INTO ledger (subject, position, type, at, event, previous, hash)
                SELECT * FROM unnest(\(lines.map(\.subject)), \(lines.map(\.position)), \(lines.map(\.event.type)),
                    \(lines.map(\.event.time)), \(lines.map(\.wire)), \(lines.map(\.previous)), \(lines.map(\.hash)))
                """)
        }
        return statements
    }

    /// Few cases have more than one unit; of those the parts are written anew.
    private static func parts(of states: [(subject: Subject, state: IntakeState)]) -> [SQL] {
        var (shared, parts): ([Subject], [(subject: Subject, unit: String)]) = ([], [])
        for (subject, state) in states {
            guard let file = state.file, file.life.hasParts else { continue }
            shared.append(subject)
            parts += (CaseColumns(file).parts ?? []).map { (subject, $0) }
        }
        if shared.isEmpty { return [] }
        return [
            "DELETE FROM parts WHERE subject = ANY(\(shared))",
            """
            INSERT INTO parts (subject, unit) SELECT subject, unit FROM unnest(\(parts.map(\.subject)), \(parts.map(\.unit)))
                AS u(subject, unit)
            """,
        ]
    }
}
