import Models
import Postgres

/// Questions to the tables of issues that change nothing but what was told.
extension IssueRows {
    /// Where a page of a list begins: behind this heat and issue.
    struct Cursor: Sendable, LosslessStringConvertible {
        var heat: Int
        var subject: Subject

        var description: String { "\(heat).\(subject)" }

        init(_ issue: HotIssue) { (heat, subject) = (issue.heat.index, issue.subject) }

        init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let heat = Int(parts[0]), let subject = Subject(String(parts[1])) else { return nil }
            (self.heat, self.subject) = (heat, subject)
        }
    }

    private static let columns = """
        subject, title, kind, topic, region, array_to_string(units, ' '), cases, people, growth, likes, heat, told, wave, since, latest,
        array_to_string(ARRAY(SELECT c.subject FROM issue_cases c WHERE c.issue = i.subject ORDER BY c.subject DESC LIMIT 5), ' ')
        """

    /// The hottest issues; those only in which one of `units` has an open case, unless it is nil.
    func list(of units: [UnitCode]?, after cursor: Cursor?, limit: Int) async throws -> [HotIssue] {
        let after = (heat: cursor?.heat ?? Int.max, subject: cursor?.subject ?? Subject(UniqueID(high: 0, low: 0)))
        return try await client.run(
            """
            SELECT \(unsafe: Self.columns) FROM issues i
            WHERE (heat < \(after.heat) OR heat = \(after.heat) AND subject > \(after.subject))
                AND (\(units == nil) OR i.units && \(units?.map(\.text) ?? [])::text[])
            ORDER BY heat DESC, subject LIMIT \(limit)
            """
        ).map(Self.issue)
    }

    func issue(_ subject: Subject) async throws -> HotIssue? {
        try await client.run("SELECT \(unsafe: Self.columns) FROM issues i WHERE subject = \(subject)").first.map(Self.issue)
    }

    /// The cases of an issue, the latest first, behind one of them.
    func cases(of issue: Subject, before last: Subject?, limit: Int) async throws -> [Subject] {
        let last = last ?? Subject(UniqueID(high: .max, low: .max))
        return try await client.run(
            "SELECT subject FROM issue_cases WHERE issue = \(issue) AND subject < \(last) ORDER BY subject DESC LIMIT \(limit)"
        ).map { try $0.value(0) }
    }

    /// Of each issue the latest cases that some of `units` lead, a few of them.
    func latestCases(of issues: [Subject], at units: [UnitCode]) async throws -> [Subject: [Subject]] {
        var found: [Subject: [Subject]] = [:]
        for row in try await client.run(
            """
            SELECT asked.issue, own.subject FROM unnest(\(issues)) AS asked(issue) CROSS JOIN LATERAL (
                SELECT i.subject FROM issue_cases i JOIN cases c USING (subject)
                WHERE i.issue = asked.issue AND c.unit = ANY(\(units.map(\.text))) ORDER BY i.subject DESC LIMIT 5) AS own
            ORDER BY asked.issue, own.subject DESC
            """)
        { found[try row.value(0), default: []].append(try row.value(1)) }
        return found
    }

    /// The issue that a case belongs to; nil for none.
    func issue(of subject: Subject) async throws -> Subject? {
        try await client.run("SELECT issue FROM issue_cases WHERE subject = \(subject)").first?.value(0)
    }

    /// The cases that are of one matter with another, the most alike first.
    func like(_ subject: Subject) async throws -> [Likeness] {
        try await client.run(
            """
            SELECT other, likeness, same_writer FROM (
                SELECT other, likeness, same_writer FROM likenesses WHERE subject = \(subject)
                UNION ALL (SELECT subject, likeness, same_writer FROM likenesses WHERE other = \(subject) ORDER BY subject DESC LIMIT 10)
            ) AS found ORDER BY likeness DESC, other DESC LIMIT 10
            """
        ).map { row in
            Likeness(
                subject: subject, other: try row.value(0), likeness: try row.value(1), isSameWriter: try row.value(2))
        }
    }

    /// The issues that have become hotter than was told, by the county's rule.
    func untold(by rule: HotIssueRule) async throws -> [HotIssue] {
        let warm = try await client.run("SELECT subject, heat, told FROM issues WHERE heat >= \(rule.alarm)")
        let untold = try warm.filter { rule.level(of: try $0.value(1)) > (try $0.value(2, as: Int.self)) }
            .map { try $0.value(0, as: Subject.self) }
        if untold.isEmpty { return [] }
        return try await client.run(
            "SELECT \(unsafe: Self.columns) FROM issues i WHERE subject = ANY(\(untold)) ORDER BY heat DESC, subject"
        ).map(Self.issue)
    }

    /// Keeps how hot each issue was when it was told.
    func told(_ levels: [(subject: Subject, level: Int)]) async throws {
        if levels.isEmpty { return }
        try await client.run(
            """
            UPDATE issues i SET told = u.level FROM unnest(\(levels.map(\.subject)), \(levels.map(\.level))) AS u(subject, level)
            WHERE i.subject = u.subject
            """)
    }

    /// What has cooled down is told anew when it becomes hot again.
    func coolDown(below heat: Int) async throws {
        try await client.run("UPDATE issues SET told = 0, wave = wave + 1 WHERE told > 0 AND heat < \(heat)")
    }

    private static func issue(_ row: PostgresRow) throws -> HotIssue {
        let heat = IssueHeat(
            cases: try row.value(6), people: try row.value(7), growth: try row.value(8), likes: try row.value(9), index: try row.value(10))
        let kind = CaseKind(rawValue: try row.value(2)) ?? .claim
        return HotIssue(
            subject: try row.value(0), title: try row.value(1), kind: kind,
            topic: try row.optional(3, as: String.self).flatMap { TopicCode($0) },
            region: try row.optional(4, as: String.self).flatMap { RegionCode($0) },
            units: try row.value(5, as: String.self).split(separator: " ").compactMap { UnitCode(String($0)) }, heat: heat,
            told: try row.value(11), wave: try row.value(12), since: try row.value(13), latest: try row.value(14),
            cases: try row.value(15, as: String.self).split(separator: " ").compactMap { UniqueID(String($0)).map { CaseID($0) } })
    }
}
