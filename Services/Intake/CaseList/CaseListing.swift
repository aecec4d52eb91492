import CaseFlow
import Models
import Postgres
import ServiceKit

/// Answers one page of `GET /v1/cases`: cases from the newest to the oldest.
///
/// A page continues behind the identifier of a case, and identifiers never change, so no case comes twice or is left out because others
/// came or changed meanwhile. A page examines some thousand cases at most and is short when few of those match; its `next` says where
/// the next page goes on. It takes the keys of cases from the index that is the most selective, which a first small window of each
/// shows, and looks at the cases themselves window by window, each larger than the one before.
///
/// Where a page ends, and whether another follows, tells of cases that the asker must not know of no more than what is listed. So
/// those of whose circle the asker is not are left out where keys are read, and nothing counts them, but for a stop where
/// thousands of them lie together.
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
    static let budget = 2000
    /// A page ends after so many rows in stretches of which almost nothing may be seen.
    private static let mostBarren = 3 * budget
    private static let firstWindow = 256
    /// Up to so many cases that hold a text and that the asker may see are gathered by its pieces.
    static let mostHits = 2000
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
        var (items, examined, barren) = ([Item](), 0, 0)
        var size = max(Self.firstWindow, min(limit * 2, Self.budget))
        var source: KeySource?
        var (complete, hasSoughtHits) = ([Subject]?.none, filter.text == nil)
        while true {
            var window: KeyWindow
            var sample: [Subject]
            if let hits = complete {
                let rest = hits.filter { $0 < below && $0 >= lowest }
                window = KeyWindow(keys: Array(rest.prefix(size)), floor: rest.count > size ? rest[size - 1] : nil)
                sample = []
            } else if let source {
                window = try await self.windows([source], lowest, below, size)[0]
                sample = window.keys
            } else {
                let sources = KeySource.fit(filter, sight)
                let windows = try await self.windows(sources, lowest, below, size)
                var best = 0
                for index in windows.indices where windows[index].reachesBelow(windows[best]) { best = index }
                source = sources[best]
                window = windows[best]
                // Of the asker's own cases where there are such.
                sample = windows[sources.firstIndex(where: \.isOwn) ?? best].keys
            }
            if !hasSoughtHits, window.floor != nil {
                // The index of pieces is worth its price for a text that is rare.
                hasSoughtHits = true
                complete = try await hits(sampling: sample)
                if complete != nil { continue }
            }
            window.cut(to: Self.budget - examined)
            let wanted = limit - items.count
            let found = try await matches(window.keys, limit: wanted)
            for (item, isVisible) in zip(found, try await isVisible(found.map(\.file))) where isVisible { items.append(item) }
            if found.count == wanted, let last = found.last {
                below = last.subject
            } else if let floor = window.floor {
                below = floor
            } else {
                return Page(items: items, next: nil)
            }
            examined += window.keys.count { $0 >= below }
            barren += window.barren
            if items.count == limit || examined >= Self.budget || barren >= Self.mostBarren { return Page(items: items, next: below) }
            let left = min(Self.budget - examined, (Self.mostBarren - barren) / KeySource.patience)
            size = min(size * 4, max(left, Self.firstWindow))
        }
    }

    private func windows(_ sources: [KeySource], _ lowest: Subject, _ below: Subject, _ size: Int) async throws -> [KeyWindow] {
        let statements = sources.map { $0.statements(lowest: lowest, below: below, each: $0.each(of: size), circle: sight.circle) }
        var results = try await client.run(Array(statements.joined()))[...]
        return try zip(sources, statements).map { source, statements in
            let rows = try results.prefix(statements.count).joined().map {
                (stream: try $0.value(0, as: Int64.self), key: try $0.value(1, as: Subject.self), isSeen: try $0.value(2, as: Bool.self))
            }
            results = results.dropFirst(statements.count)
            return KeyWindow(rows, each: source.each(of: size))
        }
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
            WHERE subject = ANY(\(Array(sample.prefix(Self.firstWindow)))) AND (strpos(title, \(text)) > 0 OR strpos(r.number, \(text)) > 0)
                AND c.file IS NOT NULL AND (c.circle IS NULL OR c.circle && \(sight.circle))
                AND (\(units == nil) OR c.unit = ANY(\(units ?? [])) OR c.parts && \(units ?? []))
            """)
        guard try holding[0].value(0, as: Int.self) * 50 < Self.firstWindow else { return nil }
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

    /// Those of the keys whose cases match, from the newest to the oldest.
    private func matches(_ keys: [Subject], limit: Int) async throws -> [Item] {
        if keys.isEmpty { return [] }
        let units = sight.units?.map(\.text)
        // The table whose conditions leave less is read first, so that the other is looked into for what is left.
        let first = filter.asksRegistrationsOnly && units == nil ? "r" : "c"
        let rows = try await client.run(
            """
            SELECT r.subject, r.kind, r.channel, c.completed_at, c.file
            FROM registrations r JOIN cases c USING (subject)
            WHERE \(unsafe: first).subject = ANY(\(keys)) AND c.file IS NOT NULL
                AND (c.circle IS NULL OR c.circle && \(sight.circle))
                AND (\(units == nil) OR c.unit = ANY(\(units ?? [])) OR c.parts && \(units ?? []))
                AND (\(filter.stages == nil) OR c.stage = ANY(\((filter.stages ?? []).map(\.rawValue))))
                AND (\(filter.units == nil) OR c.unit = ANY(\((filter.units ?? []).map(\.text))))
                AND (\(filter.topics == nil) OR c.topic = ANY(\((filter.topics ?? []).map(\.text))))
                AND (\(!filter.isOverdue) OR c.due < \(now))
                AND (\(filter.regions == nil) OR r.region = ANY(\((filter.regions ?? []).map(\.text))))
                AND (\(filter.kinds == nil) OR r.kind = ANY(\((filter.kinds ?? []).map(\.rawValue))))
                AND (\(filter.channels == nil) OR r.channel = ANY(\((filter.channels ?? []).map(\.rawValue))))
                AND (\(filter.from == nil) OR r.registered_at >= \(filter.from))
                AND (\(filter.until == nil) OR r.registered_at < \(filter.until))
                AND (\(filter.text == nil) OR strpos(r.title, \(filter.text)) > 0 OR strpos(r.number, \(filter.text)) > 0)
            ORDER BY r.subject DESC LIMIT \(limit)
            """)
        return try rows.map { row in
            let (subject, file): (Subject, CaseFile) = (try row.value(0), try StateCoding.decode(row.value(4)))
            let completed = try row.optional(3, as: Instant.self)
            return Item(
                subject: subject, file: file,
                line: CaseSheet.line(subject, file, kind: try row.value(1), channel: try row.value(2), completed: completed))
        }
    }
}
