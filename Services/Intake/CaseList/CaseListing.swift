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
        var file: ListedFile
        var line: JSONValue
    }

    struct Page: Sendable {
        var items: [Item]
        /// Behind which case the next page begins; nil at the end.
        var next: Subject?
        /// How this page went.
        var path: ListPath?
    }

    /// How many cases that the asker may know of a page examines, and never fewer than it may hold.
    static let leastBudget = 256
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
    ///
    /// - Parameter path: How the page before this one went.
    func page(
        limit: Int, after: Subject?, path: ListPath? = nil, isVisible: ([ListedFile]) async throws -> [Bool]
    ) async throws -> Page {
        let (lowest, top) = filter.bounds
        let budget = max(Self.leastBudget, limit)
        var below = min(after ?? top, top)
        var (items, examined, hidden) = ([Item](), 0, 0)
        let sources = KeySource.fit(filter, sight)
        let kept = path.flatMap { $0.pages < ListPath.mostPages && sources.indices.contains($0.source) ? $0 : nil }
        // What the page before it took and a quarter more, at once: a second window costs more than the few cases too many.
        var size = kept?.isThin == 1 ? budget : max(firstSize(limit, sources), kept.map { min(($0.examined - 1000) * 5 / 4, budget) } ?? 0)
        var source = kept.map { sources[$0.source] }
        var complete = kept?.gathers == 1 ? try await hits() : nil
        if kept?.gathers == 1, complete == nil { source = nil }
        func page(_ next: Subject?) -> Page {
            let place = source.flatMap { sources.firstIndex(of: $0) } ?? 0
            return Page(
                items: items, next: next,
                path: ListPath(
                    source: place, gathers: complete == nil ? 0 : 1, isThin: items.isEmpty ? 1 : 0,
                    pages: source == nil ? ListPath.mostPages : kept.map { $0.pages + 1 } ?? 0, examined: 1000 + min(examined, 8999)))
        }
        while true {
            var window: KeyWindow
            var isJudged = false
            if let hits = complete {
                let rest = hits.filter { $0 < below && $0 >= lowest }
                window = KeyWindow(keys: Array(rest.prefix(size)), floor: rest.count > size ? rest[size - 1] : nil)
            } else if let source {
                window = KeyWindow(try await rows(of: [source], lowest, below, size)[0], each: source.each(of: size))
            } else {
                let choice = try await choice(of: sources, lowest, below, size, isVisible)
                (source, window, isJudged) = (choice.source, choice.window, choice.isJudged)
                // The index of pieces is worth its price for a text that is rare.
                if filter.text != nil, window.floor != nil {
                    if try await isRare(in: choice.sample) { complete = try await hits() }
                    if complete != nil { continue }
                }
            }
            let wanted = limit - items.count
            var (found, unseen, end) = try await matches(window.keys, isJudged: isJudged, limit: wanted, isVisible)
            window.keys.removeAll(where: unseen.contains)
            if window.keys.count >= budget - examined {
                window.keys.removeLast(window.keys.count - (budget - examined))
                window.floor = window.keys.last
                found.removeAll { item in window.floor.map { item.subject < $0 } ?? true }
                end = end.flatMap { end in window.floor.map { end >= $0 } ?? false ? end : nil }
            }
            if !found.isEmpty {
                for (item, isVisible) in zip(found, try await isVisible(found.map(\.file))) where isVisible { items.append(item) }
            }
            if let end {
                below = end
            } else if let floor = window.floor {
                below = floor
            } else {
                return page(nil)
            }
            examined += window.keys.count { $0 >= below }
            hidden += unseen.count
            if items.count == limit || examined >= budget || hidden >= Self.mostHidden { return page(below) }
            // As many more as will do if those to come match as often; all that the page may still look at where hardly any did.
            let expected = found.isEmpty ? budget : (limit - items.count) * window.keys.count * 3 / (found.count * 2)
            size = max(min(expected, budget - examined), Self.firstWindow)
        }
    }

    /// How many cases are looked at first: hardly more than the page holds where an index gives all that is asked for, more where indexes
    /// are to be compared or most cases may not match.
    private func firstSize(_ limit: Int, _ sources: [KeySource]) -> Int {
        let isLone = sources.count == 1 && filter.text == nil
        return isLone ? limit + 32 : max(Self.firstWindow, min(limit * 2, Self.leastBudget))
    }

    private func rows(of sources: [KeySource], _ lowest: Subject, _ below: Subject, _ size: Int) async throws -> [[KeyWindow.Row]] {
        let results = try await client.run(sources.map { $0.statement(lowest: lowest, below: below, each: $0.each(of: size)) })
        return try results.map { rows in try rows.map { (try $0.value(0), try $0.value(1)) } }
    }

    /// The source that is the most selective, its first window, and cases for a sample: the asker's own where there are such.
    ///
    /// `isJudged` tells whether the window was freed of what is hidden.
    private func choice(
        of sources: [KeySource], _ lowest: Subject, _ below: Subject, _ size: Int, _ isVisible: ([ListedFile]) async throws -> [Bool]
    ) async throws -> (source: KeySource, window: KeyWindow, sample: [Subject], isJudged: Bool) {
        if sources.count == 1, filter.text == nil {
            let rows = try await rows(of: sources, lowest, below, size)[0]
            return (sources[0], KeyWindow(rows, each: sources[0].each(of: size)), [], false)
        }
        // Twice as much is read as is compared, and more where hidden cases lie so close that too few others were among it: neither the
        // choice nor the window must tell of them.
        let most = sources.map { $0.each(of: size) }
        var (reading, rows, hidden) = (size * 2, [[KeyWindow.Row]](), Set<Subject>())
        while true {
            rows = try await self.rows(of: sources, lowest, below, reading)
            hidden = try await self.hidden(among: rows, isVisible)
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
        let sample = seen[sources.firstIndex(where: \.isOwn) ?? best].keys.prefix(Self.sampleSize)
        return (sources[best], seen[best], Array(sample), true)
    }

    /// Those of the keys that streams gave of whose cases the asker must not know.
    private func hidden(
        among rows: [[KeyWindow.Row]], _ isVisible: ([ListedFile]) async throws -> [Bool]
    ) async throws -> Set<Subject> {
        let keys = Array(Set(rows.joined().map(\.key)))
        let rows = try await client.run(
            """
            SELECT subject, CASE WHEN circle && \(sight.circle) THEN file END FROM cases
            WHERE subject = ANY(\(keys)) AND circle IS NOT NULL
            """)
        var (hidden, circled) = (Set<Subject>(), [(subject: Subject, file: ListedFile)]())
        for row in rows {
            let subject: Subject = try row.value(0)
            if let file = try row.optional(1, as: [UInt8].self) {
                circled.append((subject, try StateCoding.decode(file)))
            } else {
                hidden.insert(subject)
            }
        }
        return try await hidden.union(refused(circled, isVisible))
    }

    /// Those of confidential cases in whose circle the asker seems to be that are nevertheless not for them: who is accused, or has
    /// withdrawn, is known to the case file alone.
    private func refused(
        _ circled: [(subject: Subject, file: ListedFile)], _ isVisible: ([ListedFile]) async throws -> [Bool]
    ) async throws -> Set<Subject> {
        if circled.isEmpty { return [] }
        return Set(zip(circled, try await isVisible(circled.map(\.file))).filter { !$0.1 }.map(\.0.subject))
    }

    /// Whether so few of the sampled cases hold the text that its pieces are asked for all of them.
    private func isRare(in sample: [Subject]) async throws -> Bool {
        guard let text = filter.text, !SearchGrams.sought(text).isEmpty else { return false }
        let units = sight.units?.map(\.text)
        let holding = try await client.run(
            """
            SELECT count(*) FROM registrations r JOIN cases c USING (subject)
            WHERE subject = ANY(\(sample)) AND (strpos(title, \(text)) > 0 OR strpos(r.number, \(text)) > 0)
                AND c.file IS NOT NULL AND (c.circle IS NULL OR c.circle && \(sight.circle))
                AND (\(units == nil) OR c.unit = ANY(\(units ?? [])) OR c.parts && \(units ?? []))
            """)
        return try holding[0].value(0, as: Int.self) * 50 < Self.sampleSize
    }

    /// Every case that may hold the text and that the asker may see, from the newest to the oldest; nil when they are too many or cannot
    /// be told.
    private func hits() async throws -> [Subject]? {
        let sought = filter.text.map { SearchGrams.sought($0) } ?? []
        guard let first = sought.first else { return nil }
        let units = sight.units?.map(\.text)
        // Rows that must not be seen come without a key.
        let rows = try await client.run(
            """
            SELECT CASE WHEN NOT EXISTS (
                    SELECT FROM cases c WHERE c.subject = h.subject AND c.circle IS NOT NULL AND NOT c.circle && \(sight.circle))
                AND (\(units == nil) OR EXISTS (
                    SELECT FROM cases c WHERE c.subject = h.subject AND (c.unit = ANY(\(units ?? [])) OR c.parts && \(units ?? []))))
                THEN h.subject END
            FROM subjects_holding(\(first), \(sought.count > 1 ? sought[1] : first), \(Int32(Self.mostHolding + 1))) AS h(subject)
            """)
        let subjects = try rows.compactMap { try $0.optional(0, as: Subject.self) }
        if rows.count > Self.mostHolding || subjects.count > Self.mostHits { return nil }
        return subjects.sorted(by: >)
    }

    /// Those of the keys whose cases match, from the newest to the oldest, and all of whose cases the asker must not know.
    ///
    /// `end` is where the limit cut them off. Among keys that are judged no hidden ones are looked for.
    private func matches(
        _ keys: [Subject], isJudged: Bool, limit: Int, _ isVisible: ([ListedFile]) async throws -> [Bool]
    ) async throws -> (found: [Item], hidden: Set<Subject>, end: Subject?) {
        if keys.isEmpty { return ([], [], nil) }
        let units = sight.units?.map(\.text)
        // One look into `cases` for both.
        let rows = try await client.run(
            """
            WITH c AS MATERIALIZED (
                SELECT subject, completed_at, file, circle IS NOT NULL AS circled, seen, fits
                FROM cases CROSS JOIN LATERAL (SELECT file IS NOT NULL AND (circle IS NULL OR circle && \(sight.circle)) AS seen,
                    (\(units == nil) OR unit = ANY(\(units ?? [])) OR coalesce(parts && \(units ?? []), false))
                    AND (\(filter.stages == nil) OR stage = ANY(\((filter.stages ?? []).map(\.rawValue))))
                    AND (\(filter.units == nil) OR unit = ANY(\((filter.units ?? []).map(\.text))))
                    AND (\(filter.topics == nil) OR coalesce(topic = ANY(\((filter.topics ?? []).map(\.text))), false))
                    AND (\(!filter.isOverdue) OR coalesce(due < \(now), false)) AS fits) AS s
                WHERE subject = ANY(\(keys)) AND (seen AND fits OR \(!isJudged) AND (NOT seen OR circle IS NOT NULL))
            )
            SELECT subject, NULL AS kind, NULL AS channel, NULL AS completed_at, CASE WHEN seen THEN file END AS file
            FROM c WHERE \(!isJudged) AND (NOT seen OR circled)
            UNION ALL (
                SELECT r.subject, r.kind, r.channel, c.completed_at, c.file FROM c JOIN registrations r USING (subject)
                WHERE seen AND fits
                    AND (\(filter.regions == nil) OR r.region = ANY(\((filter.regions ?? []).map(\.text))))
                    AND (\(filter.kinds == nil) OR r.kind = ANY(\((filter.kinds ?? []).map(\.rawValue))))
                    AND (\(filter.channels == nil) OR r.channel = ANY(\((filter.channels ?? []).map(\.rawValue))))
                    AND (\(filter.from == nil) OR r.registered_at >= \(filter.from))
                    AND (\(filter.until == nil) OR r.registered_at < \(filter.until))
                    AND (\(filter.text == nil) OR strpos(r.title, \(filter.text)) > 0 OR strpos(r.number, \(filter.text)) > 0)
                ORDER BY r.subject DESC LIMIT \(limit))
            """)
        var (found, hidden, circled) = ([Item](), Set<Subject>(), [(subject: Subject, file: ListedFile)]())
        for row in rows {
            let subject: Subject = try row.value(0)
            let file: ListedFile? = try row.optional(4, as: [UInt8].self).map { try StateCoding.decode($0) }
            guard let kind = try row.optional(1, as: String.self), let file else {
                if let file { circled.append((subject, file)) } else { hidden.insert(subject) }
                continue
            }
            let completed = try row.optional(3, as: Instant.self)
            found.append(
                Item(
                    subject: subject, file: file,
                    line: CaseSheet.line(subject, file, kind: kind, channel: try row.value(2), completed: completed)))
        }
        hidden.formUnion(try await refused(circled, isVisible))
        let end = found.count == limit ? found.map(\.subject).min() : nil
        return (found.filter { !hidden.contains($0.subject) }.sorted { $0.subject > $1.subject }, hidden, end)
    }
}
