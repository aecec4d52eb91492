import Models
import Postgres

/// Which clock rows a unit of work writes.
struct ClockRows {
    var new: [(subject: Subject, clock: CaseClock)] = []
    var moved: [(subject: Subject, clock: CaseClock)] = []

    /// Those of everything that changes: whoever changes a state changes the clock row with it, whose version stands for both.
    init<State, Effect>(of changes: Changes<State, Effect>, from beginning: Beginning<State>) {
        var all = changes.clocks
        let named = Set(all.map(\.subject))
        for (subject, _) in changes.states where !named.contains(subject) {
            all.append((subject, beginning.loaded.clocks[subject] ?? CaseClock()))
        }
        if all.count > changes.clocks.count { all.sort { $0.subject < $1.subject } }
        if beginning.fresh.isEmpty {
            moved = all
        } else {
            for row in all {
                if beginning.fresh.contains(row.subject) { new.append(row) } else { moved.append(row) }
            }
        }
    }
}

extension PostgresStore {
    /// The first statement of a commit: moves the clock rows, or writes the new ones where none is moved, or neither.
    ///
    /// Its result is the database's time, and the number of the transaction where something is written. It lets the commit fail unless every
    /// row that is moved has the version that is known, the county version in force is the known one, names that are supposed to be free
    /// are, and it is not much later than was thought. Of two units of work that are the first for a case, or go by what they remember of
    /// it, the later one fails here.
    func head(_ beginning: Beginning<State>, _ changes: Changes<State, Effect>, _ rows: ClockRows) -> SQL {
        let inForce = beginning.inForce
        // Nothing ends a unit of work that has asked nothing, when its process is stopped for long: it would speak of a time long past.
        let latest = beginning.isUnasked ? beginning.loaded.now + .seconds(10) : nil
        if !rows.moved.isEmpty {
            let clocks = rows.moved.map(\.clock)
            return """
                WITH moved AS (
                    UPDATE case_clock SET intake = u.intake, routing = u.routing, deadline = u.deadline, notification = u.notification,
                        held = u.held, dead = u.dead
                    FROM unnest(\(rows.moved.map(\.subject)), \(rows.moved.map { beginning.versions[$0.subject] }),
                        \(clocks.map { $0.positions[.intake] }), \(clocks.map { $0.positions[.routing] }),
                        \(clocks.map { $0.positions[.deadline] }), \(clocks.map { $0.positions[.notification] }), \(clocks.map(\.held)),
                        \(clocks.map(\.dead))) AS u(subject, version, intake, routing, deadline, notification, held, dead)
                    WHERE case_clock.subject = u.subject AND case_clock.xmin = u.version RETURNING 1
                )
                SELECT clock_timestamp(), pg_current_xact_id()::xid,
                    as_seen(count(*) = \(rows.moved.count) AND (\(unsafe: Self.inForce)) IS NOT DISTINCT FROM \(inForce)
                        AND (clock_timestamp() > \(latest)) IS NOT TRUE) FROM moved
                """
        }
        // No row is moved where names are supposed to be free. Of those that are taken now the table itself makes sure.
        let free = beginning.supposed.isEmpty ? [] : Array(Set(beginning.supposed).subtracting(changes.claims.map(\.key)))
        if changes.isEmpty {
            return """
                SELECT clock_timestamp(), NULL, as_seen((\(unsafe: Self.inForce)) IS NOT DISTINCT FROM \(inForce)
                    AND (clock_timestamp() > \(latest)) IS NOT TRUE AND NOT EXISTS (SELECT FROM claims WHERE key = ANY(\(free))))
                """
        }
        let clocks = rows.new.map(\.clock)
        return """
            WITH begun AS (
                INSERT INTO case_clock (subject, intake, routing, deadline, notification, held, dead)
                SELECT * FROM unnest(\(rows.new.map(\.subject)), \(clocks.map { $0.positions[.intake] }),
                    \(clocks.map { $0.positions[.routing] }), \(clocks.map { $0.positions[.deadline] }),
                    \(clocks.map { $0.positions[.notification] }), \(clocks.map(\.held)), \(clocks.map(\.dead)))
            )
            SELECT clock_timestamp(), pg_current_xact_id()::xid, as_seen((\(unsafe: Self.inForce)) IS NOT DISTINCT FROM \(inForce)
                AND (clock_timestamp() > \(latest)) IS NOT TRUE AND NOT EXISTS (SELECT FROM claims WHERE key = ANY(\(free))))
            """
    }

    /// Makes sure of the cases that are neither locked nor moved; nil where there are none.
    func check(_ beginning: Beginning<State>, _ rows: ClockRows) -> SQL? {
        guard beginning.isUnasked, beginning.versions.count > rows.moved.count else { return nil }
        let unmoved = Set(beginning.versions.keys).subtracting(rows.moved.map(\.subject)).sorted()
        return """
            SELECT as_seen(count(*) = \(unmoved.count))
            FROM case_clock k JOIN unnest(\(unmoved), \(unmoved.map { beginning.versions[$0] })) AS u(subject, version)
                ON k.subject = u.subject AND k.xmin = u.version
            """
    }

    /// What is written besides the clock rows of the first statement: one statement for each table that changes, or two where some rows are
    /// new; the outbox, whose rows are returned, last.
    func statements(for changes: Changes<State, Effect>, _ rows: ClockRows, from beginning: Beginning<State>) throws -> [SQL] {
        var statements: [SQL] = []
        if !rows.moved.isEmpty, !rows.new.isEmpty { statements.append(Self.insertion(of: rows.new)) }

        let known = beginning.loaded.states
        let new = changes.states.filter { known[$0.subject] == nil }
        let old = new.isEmpty ? changes.states : changes.states.filter { known[$0.subject] != nil }
        if !old.isEmpty { statements += try tables.statements(saving: old, .known, effects: []) }
        if !new.isEmpty || !changes.effects.isEmpty { statements += try tables.statements(saving: new, .new, effects: changes.effects) }
        if !changes.held.isEmpty {
            let events = changes.held.map(\.event)
            statements.append(
                """
                INSERT INTO held (event_id, subject, event, awaited_county)
                SELECT * FROM unnest(\(events.map(\.id)), \(events.map(\.subject)), \(events.map(\.wire)),
                    \(changes.held.map { $0.awaitsCounty ? $0.event.county : nil } as [String?]))
                ON CONFLICT DO NOTHING
                """)
        }
        if !changes.released.isEmpty { statements.append("DELETE FROM held WHERE event_id = ANY(\(changes.released))") }
        if !changes.deadLetters.isEmpty {
            let events = changes.deadLetters.map(\.event)
            statements.append(
                """
                INSERT INTO dead_letters (event_id, subject, source, sequence, type, event, reason, died_at)
                SELECT * FROM unnest(\(events.map(\.id)), \(events.map(\.subject)), \(events.map(\.source.rawValue)),
                    \(events.map(\.sequence)), \(events.map(\.type)), \(events.map(\.wire)), \(changes.deadLetters.map(\.reason)),
                    \(changes.deadLetters.map(\.at)))
                ON CONFLICT DO NOTHING
                """)
        }
        if !changes.revived.isEmpty { statements.append("DELETE FROM dead_letters WHERE event_id = ANY(\(changes.revived))") }
        if !changes.claims.isEmpty {
            let claims = changes.claims
            statements.append(
                """
                INSERT INTO claims (key, digest, subject, answer, expires_at)
                SELECT * FROM unnest(\(claims.map(\.key)), \(claims.map(\.digest)), \(claims.map(\.subject)), \(claims.map(\.answer)),
                    \(claims.map(\.expires)))
                """)
        }
        for county in changes.counties {
            statements.append(
                """
                INSERT INTO counties (version, sequence, definition)
                VALUES (\(county.edition.index.version), \(county.sequence), \(try county.edition.index.definition.canonicalJSON()))
                """
            )
        }
        if !changes.outbox.isEmpty {
            let rows = changes.outbox
            statements.append(
                """
                WITH written AS (
                    INSERT INTO bundles (exchange, routing_key, content_type, body)
                    SELECT exchange, routing_key, content_type, body
                    FROM unnest(\(rows.map(\.exchange.rawValue)), \(rows.map(\.routingKey)), \(rows.map(\.contentType)), \(rows.map(\.body)))
                        WITH ORDINALITY AS u(exchange, routing_key, content_type, body, place)
                    ORDER BY place RETURNING id, exchange
                )
                INSERT INTO outbox (bundle, lane)
                SELECT id, CASE exchange WHEN \(OutboundMessage.Exchange.feed.rawValue) THEN \(OutboxLane.feed.rawValue)
                    ELSE \(OutboxLane.services.rawValue) END
                FROM written ORDER BY id RETURNING id
                """)
        }
        return statements
    }
}

extension PostgresStore {
    /// The county version in force.
    static var inForce: String { "SELECT version FROM counties ORDER BY sequence DESC LIMIT 1" }

    private static func insertion(of rows: [(subject: Subject, clock: CaseClock)]) -> SQL {
        let clocks = rows.map(\.clock)
        return """
            INSERT INTO case_clock (subject, intake, routing, deadline, notification, held, dead)
            SELECT * FROM unnest(\(rows.map(\.subject)), \(clocks.map { $0.positions[.intake] }), \(clocks.map { $0.positions[.routing] }),
                \(clocks.map { $0.positions[.deadline] }), \(clocks.map { $0.positions[.notification] }), \(clocks.map(\.held)),
                \(clocks.map(\.dead)))
            """
    }
}
