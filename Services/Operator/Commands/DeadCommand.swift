import ArgumentParser
import CaseFlow
import Models
import Postgres

/// Works on dead letters: events that a service could not apply.
struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "Work on events that a service could not apply.",
        subcommands: [List.self, Show.self, Replay.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List dead letters with their reasons.")

        @Flag(help: "Print JSON lines.") var json = false

        func run() async throws {
            try await DeadCommand.withDatabase { client in
                var count = 0
                for source in Source.allCases { count += try await list(source, on: client) }
                if count == 0, !json { print("no dead letters") }
            }
        }

        /// Prints all of a service, the oldest first, a page at a time; says how many there were.
        private func list(_ source: Source, on client: PostgresClient) async throws -> Int {
            var count = 0
            var last = (Instant(microseconds: .min), EventID(UniqueID(high: 0, low: 0)))
            while true {
                let rows = try await client.run(
                    """
                    SELECT event_id, subject, source, sequence, type, reason, died_at FROM \(identifier: source.rawValue).dead_letters
                    WHERE (died_at, event_id) > (\(last.0), \(last.1)) ORDER BY died_at, event_id LIMIT 1000
                    """)
                if rows.isEmpty { return count }
                for row in rows {
                    count += 1
                    let (id, subject) = (try row.value(0, as: EventID.self), try row.value(1, as: Subject.self))
                    let (from, sequence): (String, Int) = (try row.value(2), try row.value(3))
                    let (type, reason): (String, String) = (try row.value(4), try row.value(5))
                    last = (try row.value(6), id)
                    if json {
                        print(
                            JSONValue.object([
                                "service": .string(source.rawValue), "event": .string(id.description), "case": .string(subject.description),
                                "source": .string(from), "sequence": .integer(Int64(sequence)), "type": .string(type),
                                "reason": .string(reason),
                            ]).text)
                    } else {
                        print("\(source)  \(id)  \(type.shown)  case \(subject), \(from.shown) \(sequence): \(reason.shown)")
                    }
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a dead letter whole; it may hold personal data.")

        @Argument(help: "The event's identifier.") var event: String

        func run() async throws {
            let id = try DeadCommand.eventID(event)
            try await DeadCommand.withDatabase { client in
                var isFound = false
                for source in Source.allCases {
                    for row in try await client.run(
                        "SELECT reason, event FROM \(identifier: source.rawValue).dead_letters WHERE event_id = \(id)")
                    {
                        print("\(source) could not apply it: \(try row.value(0, as: String.self).shown)")
                        print(String(decoding: try row.value(1, as: [UInt8].self), as: UTF8.self).shown)
                        isFound = true
                    }
                }
                if !isFound { throw CommandFailure("No service has a dead letter \(id).") }
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try dead letters again, and then what was held behind them.",
            discussion: "The service tries within a second; what fails again is a dead letter again.")

        @Argument(help: "The event's identifier, or all.") var event: String

        func run() async throws {
            let id = event == "all" ? nil : try DeadCommand.eventID(event)
            let replayed = try await DeadCommand.withDatabase { client in
                var count = 0
                for source in Source.allCases { count += try await DeadCommand.replay(id, of: source.rawValue, on: client) }
                return count
            }
            if let id, replayed == 0 { throw CommandFailure("No service has a dead letter \(id).") }
            print("\(replayed) to be tried again")
        }
    }

    /// Moves dead letters back among the held events, under the locks that the service itself takes.
    static func replay(_ id: EventID?, of schema: String, on client: PostgresClient) async throws -> Int {
        try await client.withTransaction { transaction in
            let wanted: SQL =
                id.map { "SELECT subject FROM \(identifier: schema).dead_letters WHERE event_id = \($0)" }
                ?? "SELECT DISTINCT subject FROM \(identifier: schema).dead_letters"
            let subjects = try await transaction.run(wanted).map { try $0.value(0, as: Subject.self) }.sorted()
            if subjects.isEmpty { return 0 }
            try await transaction.run(
                "SELECT 1 FROM \(identifier: schema).case_clock WHERE subject = ANY(\(subjects)) ORDER BY subject FOR UPDATE")
            let ids: [EventID] = try await transaction.run(
                "SELECT event_id FROM \(identifier: schema).dead_letters WHERE subject = ANY(\(subjects))"
            ).map { try $0.value(0) }.filter { id == nil || $0 == id }
            try await transaction.commit(with: [
                """
                INSERT INTO \(identifier: schema).held (event_id, subject, event, replayed)
                SELECT event_id, subject, event, true FROM \(identifier: schema).dead_letters WHERE event_id = ANY(\(ids))
                ON CONFLICT (event_id) DO UPDATE SET replayed = true
                """,
                "DELETE FROM \(identifier: schema).dead_letters WHERE event_id = ANY(\(ids))",
                """
                UPDATE \(identifier: schema).case_clock c SET
                    held = (SELECT count(*) FROM \(identifier: schema).held h WHERE h.subject = c.subject),
                    dead = (SELECT count(*) FROM \(identifier: schema).dead_letters d WHERE d.subject = c.subject)
                WHERE subject = ANY(\(subjects))
                """,
            ])
            return ids.count
        }
    }

    private static func eventID(_ text: String) throws -> EventID {
        guard let id = EventID(text) else {
            throw CommandFailure("\"\(text)\" is no identifier of an event; `huiyin dead list` shows them.")
        }
        return id
    }

    static func withDatabase<R>(_ body: (PostgresClient) async throws -> R) async throws -> R {
        let client = PostgresClient(
            PostgresConfiguration(url: try Environment.databaseURL(), applicationName: "huiyin", maximumConnections: 2))
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            if let error = error as? PostgresError { throw CommandFailure("PostgreSQL: \(error)") }
            throw error
        }
    }
}
