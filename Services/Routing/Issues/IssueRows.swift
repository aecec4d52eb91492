import CaseFlow
import Models
import Postgres

/// The tables `issues`, `issue_cases`, `likenesses` and what waits for them.
struct IssueRows: Sendable {
    let client: PostgresClient

    /// An issue as it is written down.
    struct Issue {
        var subject: Subject
        var title: String
        var heat: IssueHeat
        var since: Instant
        var latest: Instant
        /// Its latest cases, from which topic, place and kind are told; empty where these stay as they were written before.
        var sample: [Subject]

        static let sampleSize = 20

        /// - Parameter kept: How many of its cases were written down before; what most of them have is told anew with each doubling.
        init(subject: Subject, group: IssueBook.Group, matters: [IssueMatter], heat: IssueHeat, kept: Int) {
            self.subject = subject
            self.heat = heat
            let times = group.members.map { matters[$0].registered }
            since = times.min() ?? Instant(microseconds: 0)
            latest = times.max() ?? since
            title = String(matters[group.middle].opening.prefix { !$0.isNewline })
            let isDoubled = kept == 0 || kept.leadingZeroBitCount > group.members.count.leadingZeroBitCount
            sample = isDoubled ? group.members.suffix(Self.sampleSize).map { matters[$0].subject } : []
        }
    }

    /// Two cases of one matter.
    struct Likeness {
        var subject: Subject
        var other: Subject
        /// In thousandths.
        var likeness: Int
        var isSameWriter: Bool
    }

    /// How many likenesses are kept of one case.
    private static let mostLikenesses = 10

    /// Who keeps the issues.
    enum Claim { case kept, taken, others }

    /// Lets `owner` keep the issues, if it did or whoever did has been silent for a while; `claim(from:)` reads the answer.
    static func claim(_ owner: UniqueID) -> SQL {
        """
        WITH former AS (SELECT owner FROM issue_keeper)
        INSERT INTO issue_keeper (owner, at) VALUES (\(Subject(owner)), now())
        ON CONFLICT (single) DO UPDATE SET owner = excluded.owner, at = excluded.at
            WHERE issue_keeper.owner = excluded.owner OR issue_keeper.at < now() - interval '15 seconds'
        RETURNING coalesce((SELECT owner FROM former) = owner, false)
        """
    }

    static func claim(from rows: PostgresRows) throws -> Claim {
        guard let row = rows.first else { return .others }
        return try row.value(0) ? .kept : .taken
    }

    /// The latest matters that were looked at before, the oldest of them first.
    func known(since: Instant, atMost limit: Int) async throws -> [IssueMatter] {
        try await client.run(
            """
            SELECT * FROM (SELECT m.subject, m.registered_at, m.opening, m.writers::text, m.likes, i.issue
                FROM matters m LEFT JOIN issue_cases i USING (subject)
                WHERE m.registered_at >= \(since) AND NOT EXISTS (SELECT FROM matters_waiting w WHERE w.subject = m.subject)
                ORDER BY m.subject DESC LIMIT \(limit)) AS latest ORDER BY subject
            """
        ).map(Self.matter)
    }

    /// Weighs all issues that were warm anew from the tables, whether or not they are in memory: what is old counts no more, and units
    /// have finished.
    static func weighing(by rule: HotIssueRule, at now: Instant) -> SQL {
        let (window, week) = (now - .seconds(rule.days * 86_400), now - .seconds(7 * 86_400))
        return """
            UPDATE issues SET cases = w.cases, people = w.people, growth = w.growth, likes = w.likes, since = coalesce(w.since, issues.since),
                heat = w.cases * \(rule.cases)::bigint + w.people * \(rule.people)::bigint + w.growth * \(rule.growth)::bigint
                    + w.likes * \(rule.likes)::bigint,
                units = ARRAY(SELECT c.unit FROM issue_cases i JOIN cases c USING (subject)
                    WHERE i.issue = issues.subject AND c.open GROUP BY c.unit ORDER BY count(*) DESC, c.unit)
            FROM (
                SELECT i.subject, count(m.subject) AS cases, coalesce(sum(m.likes), 0) AS likes, min(m.registered_at) AS since,
                    count(m.subject) FILTER (WHERE m.writers = '{}') + (SELECT count(DISTINCT writer)
                        FROM issue_cases c JOIN matters o ON o.subject = c.subject AND o.registered_at >= \(window), unnest(o.writers) AS writer
                        WHERE c.issue = i.subject) AS people,
                    greatest(0, count(m.subject) FILTER (WHERE m.registered_at >= \(week)) - count(m.subject) * 7 / \(rule.days)) AS growth
                FROM issues i LEFT JOIN issue_cases c ON c.issue = i.subject
                    LEFT JOIN matters m ON m.subject = c.subject AND m.registered_at >= \(window)
                WHERE i.heat > 0 GROUP BY i.subject
            ) AS w WHERE w.subject = issues.subject
            """
    }

    /// Takes matters out of those that wait, the oldest first.
    static func take(_ count: Int, in transaction: PostgresTransaction) async throws -> [IssueMatter] {
        try await transaction.run(
            """
            WITH taken AS (DELETE FROM matters_waiting WHERE subject IN
                (SELECT subject FROM matters_waiting ORDER BY subject LIMIT \(count) FOR UPDATE SKIP LOCKED) RETURNING subject)
            SELECT m.subject, m.registered_at, m.opening, m.writers::text, m.likes, i.issue
            FROM taken JOIN matters m USING (subject) LEFT JOIN issue_cases i USING (subject) ORDER BY m.subject
            """
        ).map(matter)
    }

    private static func matter(_ row: PostgresRow) throws -> IssueMatter {
        IssueMatter(
            subject: try row.value(0), registered: try row.value(1), opening: try row.value(2),
            writers: try row.value(3, as: String.self).dropFirst().dropLast().split(separator: ",").compactMap { Int64($0) },
            likes: try row.value(4), issue: try row.optional(5))
    }

    /// Cases whose text is much like that of these, each pair with the later one first.
    static func likenesses(of subjects: [Subject], in transaction: PostgresTransaction) async throws -> [Likeness] {
        if subjects.isEmpty { return [] }
        let results = try await transaction.run([
            "SELECT subject, sketch FROM matters WHERE subject = ANY(\(subjects)) AND sketch IS NOT NULL",
            """
            SELECT m.subject, o.subject, o.sketch, m.writers && o.writers
            FROM matters m CROSS JOIN LATERAL
                (SELECT subject, sketch, writers FROM matters WHERE bands && m.bands AND subject <> m.subject LIMIT 100) AS o
            WHERE m.subject = ANY(\(subjects)) AND m.sketch IS NOT NULL
            """,
        ])
        var sketches: [Subject: MatterSketch] = [:]
        for row in results[0] { sketches[try row.value(0)] = MatterSketch(bytes: try row.value(1)) }
        var found: [Subject: [Likeness]] = [:]
        for row in results[1] {
            let subject: Subject = try row.value(0)
            guard let own = sketches[subject], let other = MatterSketch(bytes: try row.value(2)) else { continue }
            let likeness = Int(own.likeness(to: other) * 1000)
            guard likeness >= MatterSketch.sameMatter else { continue }
            let another: Subject = try row.value(1)
            // Whichever of two was looked at last finds the other.
            found[subject, default: []].append(
                Likeness(
                    subject: max(subject, another), other: min(subject, another), likeness: likeness, isSameWriter: try row.value(3)))
        }
        return found.values.flatMap { $0.sorted { ($0.likeness, $0.other) > ($1.likeness, $1.other) }.prefix(mostLikenesses) }
    }

    static func statements(adding likenesses: [Likeness]) -> [SQL] {
        if likenesses.isEmpty { return [] }
        return [
            """
            INSERT INTO likenesses (subject, other, likeness, same_writer)
            SELECT * FROM unnest(\(likenesses.map(\.subject)), \(likenesses.map(\.other)), \(likenesses.map(\.likeness)),
                \(likenesses.map(\.isSameWriter)))
            ON CONFLICT DO NOTHING
            """
        ]
    }

    /// What writes issues and their cases down; topic, place and kind are those that most of the sample have.
    static func statements(
        saving issues: [Issue], members: [(subject: Subject, issue: Subject)], in transaction: PostgresTransaction
    ) async throws -> [SQL] {
        if issues.isEmpty { return [] }
        let (told, counted) = (issues.filter { !$0.sample.isEmpty }, issues.filter { $0.sample.isEmpty })
        var states: [Subject: IssueCase] = [:]
        for row in try await transaction.run("SELECT subject, state FROM cases WHERE subject = ANY(\(told.flatMap(\.sample)))") {
            states[try row.value(0)] = try StateCoding.decode(row.value(1))
        }
        func most<Value: Hashable>(_ issue: Issue, _ value: (IssueCase) -> Value?) -> Value? {
            var counts: [Value: Int] = [:]
            var best: Value?
            for state in issue.sample.compactMap({ states[$0] }) {
                guard let value = value(state) else { continue }
                counts[value, default: 0] += 1
                if best.map({ counts[value] ?? 0 > counts[$0] ?? 0 }) ?? true { best = value }
            }
            return best
        }
        return [
            """
            INSERT INTO issue_cases (subject, issue) SELECT * FROM unnest(\(members.map(\.subject)), \(members.map(\.issue)))
            ON CONFLICT (subject) DO UPDATE SET issue = excluded.issue WHERE issue_cases.issue <> excluded.issue
            """,
            """
            INSERT INTO issues (subject, title, kind, topic, region, units, cases, people, growth, likes, heat, since, latest)
            SELECT subject, title, kind, topic, region, ARRAY(
                SELECT c.unit FROM issue_cases i JOIN cases c USING (subject)
                WHERE i.issue = u.subject AND c.open GROUP BY c.unit ORDER BY count(*) DESC, c.unit), cases, people, growth, likes, heat,
                since, latest
            FROM unnest(\(told.map(\.subject)), \(told.map(\.title)),
                \(told.map { most($0, \.kind)?.rawValue ?? CaseKind.claim.rawValue }),
                \(told.map { most($0, \.topic)?.text }), \(told.map { most($0, \.region)?.text }),
                \(told.map(\.heat.cases)), \(told.map(\.heat.people)), \(told.map(\.heat.growth)), \(told.map(\.heat.likes)),
                \(told.map(\.heat.index)), \(told.map(\.since)), \(told.map(\.latest)))
                AS u(subject, title, kind, topic, region, cases, people, growth, likes, heat, since, latest)
            ON CONFLICT (subject) DO UPDATE SET title = excluded.title, kind = excluded.kind, topic = excluded.topic,
                region = excluded.region, units = excluded.units, cases = excluded.cases, people = excluded.people,
                growth = excluded.growth, likes = excluded.likes, heat = excluded.heat, since = excluded.since,
                latest = excluded.latest
            """,
            """
            UPDATE issues SET cases = u.cases, people = u.people, growth = u.growth, likes = u.likes, heat = u.heat, latest = u.latest
            FROM unnest(\(counted.map(\.subject)), \(counted.map(\.heat.cases)), \(counted.map(\.heat.people)),
                \(counted.map(\.heat.growth)), \(counted.map(\.heat.likes)), \(counted.map(\.heat.index)), \(counted.map(\.latest)))
                AS u(subject, cases, people, growth, likes, heat, latest)
            WHERE issues.subject = u.subject
            """,
        ]
    }
}
