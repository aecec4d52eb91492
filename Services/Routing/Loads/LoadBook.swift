import Models
import Postgres
import ServiceKit

/// Counts the loads of units in routing's tables, at most once in some seconds however often it is asked.
actor LoadBook {
    /// Loads, and when they were counted.
    struct Count: Sendable {
        var units: [UnitCode: UnitLoad]
        var at: Instant
    }

    /// How many days back hand-offs and acceptances are counted.
    static let days = 90
    /// How old a count may be.
    static let age = Duration.seconds(5)

    private let client: PostgresClient
    private var last: (count: Count, at: ContinuousClock.Instant)?
    private var counting: Task<Count, any Error>?

    init(client: PostgresClient) { self.client = client }

    /// The loads as of some seconds ago at most; whoever asks while they are counted waits for the same count.
    func count() async throws -> Count {
        if let last, ContinuousClock.now - last.at < Self.age { return last.count }
        let task = counting ?? Task { [client] in try await Self.count(client) }
        counting = task
        defer { if counting == task { counting = nil } }
        let count = try await task.value
        last = (count, .now)
        return count
    }

    /// The open cases that each unit leads, by the index of the column.
    func open() async throws -> UnitLoads {
        var open: [UnitCode: Int] = [:]
        for row in try await client.run(Self.openCases) { if let unit = UnitCode(try row.value(0)) { open[unit] = try row.value(1) } }
        return UnitLoads(open: open)
    }

    /// Deletes the moves that are counted no more.
    func forget() async throws {
        _ = try await client.run("DELETE FROM unit_moves WHERE at < now() - \(Self.days) * interval '1 day'")
    }

    private static let openCases: SQL =
        "SELECT unit, count(*) FROM cases WHERE open AND NOT secret AND unit IS NOT NULL GROUP BY unit"

    private static func count(_ client: PostgresClient) async throws -> Count {
        var units: [UnitCode: UnitLoad] = [:]
        func add(_ rows: PostgresRows, _ change: (inout UnitLoad, PostgresRow) throws -> Void) throws {
            for row in rows { if let unit = UnitCode(try row.value(0)) { try change(&units[unit, default: UnitLoad()], row) } }
        }
        try add(try await client.run(openCases)) { $0.open = try $1.value(1) }
        let parts = try await client.run(
            "SELECT p.unit, count(*) FROM parts p JOIN cases c USING (subject) WHERE NOT c.secret GROUP BY p.unit")
        try add(parts) { $0.helping = try $1.value(1) }
        let moves = try await client.run(
            """
            SELECT unit, count(*) FILTER (WHERE kind = 'received'), count(*) FILTER (WHERE kind = 'given'),
                count(*) FILTER (WHERE kind = 'accepted'),
                (percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE kind = 'accepted'))::bigint
            FROM unit_moves WHERE at >= now() - \(days) * interval '1 day' GROUP BY unit
            """)
        try add(moves) {
            ($0.received, $0.given, $0.accepted) = (try $1.value(1), try $1.value(2), try $1.value(3))
            $0.medianSeconds = try $1.optional(4)
        }
        return Count(units: units, at: SystemTime.now)
    }
}
