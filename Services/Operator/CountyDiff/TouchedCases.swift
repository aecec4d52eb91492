import Models
import Postgres

/// Which open cases stand under what a new county definition changes.
public struct TouchedCases: Equatable, Sendable {
    /// Cases that one change touches.
    public struct Group: Equatable, Sendable {
        /// The case numbers, ascending; without those of confidential cases.
        public var numbers: [String] = []
        /// How many confidential cases there are besides (Articles 30 and 46).
        public var confidential = 0

        public var count: Int { numbers.count + confidential }
    }

    /// The cases in which each changed unit has a part, which a new tree, successor or head touches at once.
    public var units: [String: Group] = [:]
    /// The cases that changed packs and rules sent on their way; they keep the version they began under.
    public var packs: [String: Group] = [:]
    public var rules: [String: Group] = [:]

    public var json: JSONValue {
        func groups(_ groups: [String: Group]) -> JSONValue {
            .object(
                groups.mapValues { group in
                    .object(["count": .integer(Int64(group.count)), "cases": .array(group.numbers.map { .string($0) })])
                })
        }
        return .object(["units": groups(units), "packs": groups(packs), "rules": groups(rules)])
    }

    /// The most numbers of one sentence.
    private static let shown = 10

    /// One sentence for each group of cases.
    public var sentences: [String] {
        func lines(_ groups: [String: Group], _ sentence: (String, String) -> String) -> [String] {
            groups.sorted { $0.key < $1.key }.filter { $0.value.count > 0 }.map { code, group in
                var names = group.numbers.prefix(Self.shown).joined(separator: ", ")
                let rest = group.numbers.count - Self.shown
                if rest > 0 { names += " and \(rest) more, which --json lists" }
                if group.confidential > 0 { names += "\(names.isEmpty ? "" : ", and ")\(group.confidential) confidential" }
                return sentence(code, group.count == 1 ? "1 open case" : "\(group.count) open cases") + ": \(names)."
            }
        }
        return lines(units) { "\($1) with unit \($0)" }
            + lines(packs) { "\($1) under pack \($0), with the terms they began under" }
            + lines(rules) { "\($1) sent by rule \($0), where they stay" }
    }

    /// Looks in the database of a house, as administrator.
    static func find(_ diff: CountyDiff, on client: PostgresClient) async throws -> TouchedCases {
        let part = { (part: CountyChange.Part) in diff.codes(in: part).sorted() }
        let rows = try await client.run(
            """
            WITH held AS MATERIALIZED (
                SELECT r.subject, r.unit, r.open, convert_from(r.state, 'UTF8')::jsonb AS state FROM routing.cases r
                WHERE r.open OR EXISTS (SELECT FROM routing.parts p WHERE p.subject = r.subject)),
            open AS MATERIALIZED (
                SELECT h.subject, h.unit, h.open, h.state ->> 'number' AS number, h.state -> 'assignment' ->> 'rule' AS rule,
                    coalesce(h.state -> 'life' ->> 'kind' = 'accusation' OR h.state -> 'life' ? 'accused' OR
                        h.state -> 'life' ->> 'marked' = 'true', false) AS hidden
                FROM held h)
            SELECT 'unit', u.unit, number, hidden FROM open
                JOIN (SELECT subject, unit FROM open WHERE open UNION SELECT subject, unit FROM routing.parts) AS u USING (subject)
                WHERE u.unit = ANY(\(part(.units)))
            UNION ALL SELECT 'pack', convert_from(d.state, 'UTF8')::jsonb ->> 'pack', number, hidden
                FROM open JOIN deadline.cases d USING (subject)
                WHERE open AND convert_from(d.state, 'UTF8')::jsonb ->> 'pack' = ANY(\(part(.packs)))
            UNION ALL SELECT 'rule', rule, number, hidden FROM open WHERE open AND rule = ANY(\(part(.rules)))
            ORDER BY 1, 2, 3
            """)
        var touched = TouchedCases()
        for row in rows {
            let (code, number, isHidden): (String, String, Bool) = (try row.value(1), try row.value(2), try row.value(3))
            func add(_ groups: inout [String: Group]) {
                if isHidden {
                    groups[code, default: Group()].confidential += 1
                } else {
                    groups[code, default: Group()].numbers.append(number)
                }
            }
            switch try row.value(0, as: String.self) {
            case "unit": add(&touched.units)
            case "pack": add(&touched.packs)
            default: add(&touched.rules)
            }
        }
        return touched
    }
}
