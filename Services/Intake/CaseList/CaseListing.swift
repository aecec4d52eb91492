import CaseFlow
import Models
import Postgres
import ServiceKit

/// Answers one page of `GET /v1/cases`: cases from the newest to the oldest.
///
/// A page continues behind the identifier of a case, and identifiers never change, so no case comes twice or is left out because others
/// came or changed meanwhile. A page examines some hundred cases at most and is short when few of those match; its `next` says where
/// the next page goes on. It takes the keys of cases from the index that is the most selective, which a first small window of each
/// shows, and looks at the cases themselves window by window, the first the smallest.
///
/// Where a page ends, and whether another follows, tells of cases that the asker must not know of no more than what is listed. So
/// those of whose circle the asker is not are not counted when a page is cut, an index is chosen, or the frequency of a text is guessed,
/// but for a stop where thousands of them lie together.
struct CaseListing {
    /// A case in a list.
    struct Item: Sendable {
        var subject: Subject
        var file: CaseFile
        var line: JSONValue
    }

    struct Page: Sendable {
        var items: [Item]
        /// Behind which case the next page begins; nil at the end.
        var next: Subject?
    }

    /// How many cases that the asker may know of a page examines.
    static let budget = 500
    /// A page ends after so many others, too.
    private static let mostHidden = 6000
    private static let firstWindow = 128
    /// In so many cases that the asker may know of it is looked how frequent a text is; the first window holds them and hidden ones.
    private static let sampleSize = firstWindow / 2
    /// Up to so many cases that hold a text and that the asker may see are gathered by its pieces.
    static let mostHits = 800
    /// Among so many rows at most; more are too dear to look through.
    private static let mostHolding = 4 * mostHits

    let client: PostgresClient
    let filter: CaseFilter
    let sight: CaseSight
    let now: Instant

    /// The page of up to `limit` cases behind `after`; `isVisible` has the last word on what somebody may see.
    func page(limit: Int, after: Subject?, isVisible: ([CaseFile]) async throws -> [Bool]) async throws -> Page {
        let (lowest, top) = filter.bounds
        var below = min(after ?? top, top)
        var (items, examined, hidden) = ([Item](), 0, 0)
        var size = firstSize(limit)
        var source: KeySource?
        var complete: [Subject]?
        while true {
            var window: KeyWindow
            if let hits = complete {
                let rest = hits.filter { $0 < below && $0 >= lowest }
                window = KeyWindow(keys: Array(rest.prefix(size)), floor: rest.count > size ? rest[size - 1] : nil)
            } else if let source {
                window = KeyWindow(try await rows(of: [source], lowest, below, size)[0], each: source.each(of: size))
            } else {
                let choice = try await choice(lowest, below, size)
                (source, window) = (choice.source, choice.window)
                // The index of pieces is worth its price for a text that is rare.
                if filter.text != nil, window.floor != nil {
                    complete = try await hits(sampling: choice.sample)
                    if complete != nil { continue }
                }
            }
            let wanted = limit - items.count
            var (found, unseen) = try await matches(window.keys, limit: wanted)
            window.keys.removeAll(where: unseen.contains)
            if window.keys.count >= Self.budget - examined {
                window.keys.removeLast(window.keys.count - (Self.budget - examined))
                window.floor = window.keys.last
                found.removeAll { item in window.floor.map { item.subject < $0 } ?? true }
            }
            if !found.isEmpty {
                for (item, isVisible) in zip(found, try await isVisible(found.map(\.file))) where isVisible { items.append(item) }
            }
            if found.count == wanted, let last = found.last {
                below = last.subject
            } else if let floor = window.floor {
                below = floor
            } else {
                return Page(items: items, next: nil)
            }
            examined += window.keys.count { $0 >= below }
            hidden += unseen.count
            if items.count == limit || examined >= Self.budget || hidden >= Self.mostHidden { return Page(items: items, next: below) }
            // As many more as will do if those to come match as often; all that the page may still look at where hardly any did.
            let expected = found.isEmpty ? Self.budget : (limit - items.count) * window.keys.count * 3 / (found.count * 2)
            size = max(min(expected, Self.budget - examined), Self.firstWindow)
        }
    }

    /// How many cases are looked at first: hardly more than the page holds where an index gives all that is asked for, more where indexes
    /// are to be compared or most cases may not match.
    private func firstSize(_ limit: Int) -> Int {
        let isLone = KeySource.fit(filter, sight).count == 1 && filter.text == nil
        return isLone ? limit + 32 : max(Self.firstWindow, min(limit * 2, Self.budget))
    }

    private func rows(of sources: [KeySource], _ lowest: Subject, _ below: Subject, _ size: Int) async throws -> [[KeyWindow.Row]] {
        let results = try await client.run(sources.map { $0.statement(lowest: lowest, below: below, each: $0.each(of: size)) })
        return try results.map { rows in try rows.map { (try $0.value(0), try $0.value(1)) } }
    }

    /// The source that is the most selective, its first window, and cases for a sample: the asker's own where there are such.
    private func choice(
        _ lowest: Subject, _ below: Subject, _ size: Int
    ) async throws -> (source: KeySource, window: KeyWindow, sample: [Subject]) {
        let sources = KeySource.fit(filter, sight)
        if sources.count == 1, filter.text == nil {
            let rows = try await rows(of: sources, lowest, below, size)[0]
            return (sources[0], KeyWindow(rows, each: sources[0].each(of: size)), [])
        }
        // Twice as much is read as is compared, and more where hidden cases lie so close that too few others were among it: neither the
        // choice nor the window must tell of them.
        let most = sources.map { $0.each(of: size) }
        var (reading, rows, hidden) = (size * 2, [[KeyWindow.Row]](), Set<Subject>())
        while true {
            rows = try await self.rows(of: sources, lowest, below, reading)
            hidden = try await self.hidden(among: rows)
            let isCrowded = sources.indices.contains { index in
                KeyWindow.isCrowded(rows[index], each: sources[index].each(of: reading), hidden: hidden, wanted: most[index])
            }
            if !isCrowded || reading >= Self.mostHidden { break }
            reading *= 4
        }
        let seen = sources.indices.map { index in
            KeyWindow(rows[index], each: sources[index].each(of: reading), hidden: hidden, most: most[index])
        }
        var best = 0
        for index in seen.indices where seen[index].reachesBelow(seen[best]) { best = index }
        return (sources[best], seen[best], Array(seen[sources.firstIndex(where: \.isOwn) ?? best].keys.prefix(Self.sampleSize)))
    }

    /// Those of the keys that streams gave of whose cases the asker must not know.
    private func hidden(among rows: [[KeyWindow.Row]]) async throws -> Set<Subject> {
        let unseen = try await client.run(
            """
            SELECT subject FROM cases
            WHERE subject = ANY(\(Array(Set(rows.joined().map(\.key))))) AND circle IS NOT NULL AND NOT circle && \(sight.circle)
            """)
        return Set(try unseen.map { try $0.value(0, as: Subject.self) })
    }

    /// Every case that may hold the text and that the asker may see, from the newest to the oldest; nil when they are too many or cannot
    /// be told.
    private func hits(sampling sample: [Subject]) async throws -> [Subject]? {
        guard let text = filter.text else { return nil }
        let sought = SearchGrams.sought(text)
        guard let first = sought.first else { return nil }
        let units = sight.units?.map(\.text)
        let holding = try await client.run(
            """
            SELECT count(*) FROM registrations r JOIN cases c USING (subject)
            WHERE subject = ANY(\(sample)) AND (strpos(title, \(text)) > 0 OR strpos(r.number, \(text)) > 0)
                AND c.file IS NOT NULL AND (c.circle IS NULL OR c.circle && \(sight.circle))
                AND (\(units == nil) OR c.unit = ANY(\(units ?? [])) OR c.parts && \(units ?? []))
            """)
        guard try holding[0].value(0, as: Int.self) * 50 < Self.sampleSize else { return nil }
        // Rows that must not be seen come without a key.
        let rows = try await client.run(
            """
            SELECT c.subject
            FROM subjects_holding(\(first), \(sought.count > 1 ? sought[1] : first), \(Int32(Self.mostHolding + 1))) AS h(subject)
            LEFT JOIN cases c ON c.subject = h.subject AND c.file IS NOT NULL AND (c.circle IS NULL OR c.circle && \(sight.circle))
                AND (\(units == nil) OR c.unit = ANY(\(units ?? [])) OR c.parts && \(units ?? []))
            """)
        let subjects = try rows.compactMap { try $0.optional(0, as: Subject.self) }
        if rows.count > Self.mostHolding || subjects.count > Self.mostHits { return nil }
        return subjects.sorted(by: >)
    }

    /// Those of the keys whose cases match, from the newest to the oldest, and all of whose cases the asker must not know.
    private func matches(_ keys: [Subject], limit: Int) async throws -> (found: [Item], hidden: Set<Subject>) {
        if keys.isEmpty { return ([], []) }
        let units = sight.units?.map(\.text)
        // One look into `cases` for both.
        let rows = try await client.run(
            """
            WITH c AS MATERIALIZED (
                SELECT subject, completed_at, file, seen
                FROM cases CROSS JOIN LATERAL (SELECT file IS NOT NULL AND (circle IS NULL OR circle && \(sight.circle)) AS seen) AS s
                WHERE subject = ANY(\(keys)) AND (NOT seen
                    OR (\(units == nil) OR unit = ANY(\(units ?? [])) OR parts && \(units ?? []))
                    AND (\(filter.stages == nil) OR stage = ANY(\((filter.stages ?? []).map(\.rawValue))))
                    AND (\(filter.units == nil) OR unit = ANY(\((filter.units ?? []).map(\.text))))
                    AND (\(filter.topics == nil) OR topic = ANY(\((filter.topics ?? []).map(\.text))))
                    AND (\(!filter.isOverdue) OR due < \(now)))
            )
            SELECT subject, NULL AS kind, NULL AS channel, NULL AS completed_at, NULL AS file FROM c WHERE NOT seen
            UNION ALL (
                SELECT r.subject, r.kind, r.channel, c.completed_at, c.file FROM c JOIN registrations r USING (subject)
                WHERE seen
                    AND (\(filter.regions == nil) OR r.region = ANY(\((filter.regions ?? []).map(\.text))))
                    AND (\(filter.kinds == nil) OR r.kind = ANY(\((filter.kinds ?? []).map(\.rawValue))))
                    AND (\(filter.channels == nil) OR r.channel = ANY(\((filter.channels ?? []).map(\.rawValue))))
                    AND (\(filter.from == nil) OR r.registered_at >= \(filter.from))
                    AND (\(filter.until == nil) OR r.registered_at < \(filter.until))
                    AND (\(filter.text == nil) OR strpos(r.title, \(filter.text)) > 0 OR strpos(r.number, \(filter.text)) > 0)
                ORDER BY r.subject DESC LIMIT \(limit))
            """)
        var (found, hidden) = ([Item](), Set<Subject>())
        for row in rows {
            let subject: Subject = try row.value(0)
            guard let kind = try row.optional(1, as: String.self) else {
                hidden.insert(subject)
                continue
            }
            let file: CaseFile = try StateCoding.decode(row.value(4))
            let completed = try row.optional(3, as: Instant.self)
            found.append(
                Item(
                    subject: subject, file: file,
                    line: CaseSheet.line(subject, file, kind: kind, channel: try row.value(2), completed: completed)))
        }
        return (found.sorted { $0.subject > $1.subject }, hidden)
    }
}
