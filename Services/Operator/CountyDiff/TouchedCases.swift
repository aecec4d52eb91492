import Models
import Postgres

/// How many open cases stand under what a new county definition changes.
public struct TouchedCases: Equatable, Sendable {
    /// Open cases of each changed unit, which a new tree, successor or head touches at once.
    public var units: [String: Int] = [:]
    /// Open cases that changed packs and rules sent on their way; they keep the version they began under.
    public var packs: [String: Int] = [:]
    public var rules: [String: Int] = [:]

    public var json: JSONValue {
        func counts(_ counts: [String: Int]) -> JSONValue { .object(counts.mapValues { .integer(Int64($0)) }) }
        return .object(["units": counts(units), "packs": counts(packs), "rules": counts(rules)])
    }

    /// One sentence for each count that is not nought.
    public var sentences: [String] {
        func lines(_ counts: [String: Int], _ sentence: (String, String) -> String) -> [String] {
            counts.sorted { $0.key < $1.key }.filter { $0.value > 0 }.map { code, count in
                sentence(code, count == 1 ? "1 open case" : "\(count) open cases")
            }
        }
        return lines(units) { "\($1) with unit \($0)." }
            + lines(packs) { "\($1) under pack \($0), with the terms they began under." }
            + lines(rules) { "\($1) sent by rule \($0), where they stay." }
    }

    /// Counts in the database of a house, as administrator.
    static func count(_ diff: CountyDiff, on client: PostgresClient) async throws -> TouchedCases {
        let part = { (part: CountyChange.Part) in diff.codes(in: part).sorted() }
        let rows = try await client.run(
            """
            WITH open AS MATERIALIZED (
                SELECT r.unit, convert_from(r.state, 'UTF8')::jsonb -> 'assignment' ->> 'rule' AS rule,
                    convert_from(d.state, 'UTF8')::jsonb ->> 'pack' AS pack
                FROM routing.cases r LEFT JOIN deadline.cases d USING (subject) WHERE r.open)
            SELECT 'unit', unit, count(*) FROM open WHERE unit = ANY(\(part(.units))) GROUP BY unit
            UNION ALL SELECT 'pack', pack, count(*) FROM open WHERE pack = ANY(\(part(.packs))) GROUP BY pack
            UNION ALL SELECT 'rule', rule, count(*) FROM open WHERE rule = ANY(\(part(.rules))) GROUP BY rule
            """)
        var touched = TouchedCases()
        for row in rows {
            let (kind, code, count): (String, String, Int) = (try row.value(0), try row.value(1), try row.value(2))
            switch kind {
            case "unit": touched.units[code] = count
            case "pack": touched.packs[code] = count
            default: touched.rules[code] = count
            }
        }
        return touched
    }
}
