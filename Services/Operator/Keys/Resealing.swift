import CaseFlow
import Models
import Postgres

/// Seals again, under the key that seals now, what former keys sealed and may be written again.
///
/// It goes through each table in the order of its keys, a page at a time, and replaces a value only where it still is what was read: a
/// service that writes the row meanwhile wins, and what it wrote is looked at in the next pass. With what a service remembers of a case the
/// case's clock row changes, so that no process goes by what it remembers. Passes follow each other until one finds
/// nothing. Whoever ends it in the middle loses nothing; the next run skips what is done.
struct Resealing: Sendable {
    private static let page = 500
    /// A pass that finds something is followed by another; while services go on sealing with a former key, there is no end.
    private static let mostPasses = 100

    let client: PostgresClient
    let seal: SealKey

    /// Goes through all columns until nothing is left, and says how many values were sealed again; `report` hears the share that is
    /// done of the first pass, from 0 to 1.
    func run(report: @Sendable (Double) -> Void = { _ in }) async throws -> Int {
        var (total, passes) = (0, 0)
        while passes < Self.mostPasses {
            let (changed, missed) = try await pass(report: passes == 0 ? report : { @Sendable _ in })
            if changed + missed == 0 { return total }
            total += changed
            if changed > 0 { passes += 1 } else { try await Task.sleep(for: .milliseconds(100)) }
        }
        throw CommandFailure(
            "New values under a former key keep coming: a service still seals with it. Give all services the new HUIYIN_SEAL_KEY, then run this again."
        )
    }

    /// How many values are sealed under former keys.
    func pending() async throws -> Int {
        var count = 0
        for column in SealedColumn.all {
            let rows = try await client.run(
                """
                SELECT count(*) FROM \(identifier: column.schema).\(identifier: column.table)
                WHERE EXISTS (SELECT FROM unnest(\(needles)) AS n(needle) WHERE position(needle IN \(unsafe: column.bytes)) > 0)
                """)
            count += try rows[0].value(0, as: Int.self)
        }
        return count
    }

    /// What stands at the beginning of a text that a former key sealed.
    private var needles: [[UInt8]?] { seal.formerIDs.map { Array("\($0).".utf8) } }

    /// How many values were sealed again, and how many somebody had in hand or wrote meanwhile.
    private func pass(report: @Sendable (Double) -> Void) async throws -> (changed: Int, missed: Int) {
        var totals: [Int] = []
        for column in SealedColumn.all { totals.append(try await client.run(column.count)[0].value(0)) }
        let all = max(totals.reduce(0, +), 1)
        var (seen, changed, missed) = (0, 0, 0)
        for column in SealedColumn.all {
            var last = UniqueID(high: 0, low: 0)
            while true {
                let rows = try await client.run(
                    """
                    SELECT key, CASE WHEN EXISTS (SELECT FROM unnest(\(needles)) AS n(needle) WHERE position(needle IN value) > 0) THEN value END
                    FROM (SELECT \(unsafe: column.key) AS key, \(unsafe: column.bytes) AS value
                        FROM \(identifier: column.schema).\(identifier: column.table) WHERE \(unsafe: column.key) > \(last)
                        ORDER BY \(unsafe: column.key) LIMIT \(Self.page)) AS page
                    ORDER BY key
                    """)
                guard let end = rows.last else { break }
                last = try end.value(0)
                let (found, done) = try await replace(in: column, try rows.map { (try $0.value(0), try $0.optional(1)) })
                changed += done
                missed += found - done
                try Task.checkCancellation()
                seen += rows.count
                report(min(Double(seen) / Double(all), 1))
            }
        }
        return (changed, missed)
    }

    private func replace(
        in column: SealedColumn, _ rows: [(key: UniqueID, value: [UInt8]?)]
    ) async throws -> (found: Int, done: Int) {
        var (keys, old, new): ([UniqueID], [[UInt8]?], [[UInt8]?]) = ([], [], [])
        for (key, value) in rows {
            guard let value, let replaced = resealed(value, isJSON: column.isJSON) else { continue }
            keys.append(key)
            old.append(value)
            new.append(replaced)
        }
        if keys.isEmpty { return (0, 0) }
        let written = column.isJSON ? "u.new" : "convert_from(u.new, 'UTF8')"
        let target = column.isJSON ? "t.\(column.column)" : "convert_to(t.\(column.column), 'UTF8')"
        // As everywhere, the clock row is locked before the state, and whose clock somebody holds is left for the next pass.
        let (clocks, condition, touched) =
            column.isState
            ? (
                """
                clocks AS (SELECT subject FROM \(column.schema).case_clock WHERE subject IN (SELECT key FROM given) ORDER BY subject
                    FOR UPDATE SKIP LOCKED),
                """,
                """
                AND (u.key IN (SELECT subject FROM clocks)
                    OR NOT EXISTS (SELECT FROM \(column.schema).case_clock k WHERE k.subject = u.key))
                """, ", touched AS (UPDATE \(column.schema).case_clock SET held = held WHERE subject IN (SELECT key FROM locked))"
            ) : ("", "", "")
        let rows = try await client.run(
            """
            WITH given AS (SELECT * FROM unnest(\(keys), \(old), \(new)) AS u(key, old, new)), \(unsafe: clocks)
            locked AS (
                SELECT t.\(unsafe: column.key) AS key, u.new FROM \(identifier: column.schema).\(identifier: column.table) t
                JOIN given u ON t.\(unsafe: column.key) = u.key AND \(unsafe: target) = u.old \(unsafe: condition)
                FOR UPDATE OF t SKIP LOCKED)\(unsafe: touched)
            UPDATE \(identifier: column.schema).\(identifier: column.table) t SET \(unsafe: column.column) = \(unsafe: written)
            FROM locked u WHERE t.\(unsafe: column.key) = u.key RETURNING 1
            """)
        return (keys.count, rows.count)
    }

    /// The value with every text that a former key sealed sealed again; nil where there is none, or none that can be opened.
    private func resealed(_ value: [UInt8], isJSON: Bool) -> [UInt8]? {
        guard isJSON else { return seal.resealed(SealedText(text: String(decoding: value, as: UTF8.self))).map { Array($0.text.utf8) } }
        guard let document = try? JSONValue(parsing: value) else { return nil }
        let changed = resealed(document)
        return changed == document ? nil : changed.canonical
    }

    private func resealed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): seal.resealed(SealedText(text: text)).map { .string($0.text) } ?? value
        case .array(let members): .array(members.map { resealed($0) })
        case .object(let members): .object(members.mapValues { resealed($0) })
        default: value
        }
    }
}
