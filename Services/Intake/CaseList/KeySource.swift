import Models
import Postgres

/// An index that gives the keys of some cases from the newest to the oldest.
enum KeySource: Equatable {
    /// Every case.
    case time
    case stage([String])
    case topic([String])
    case region([String])
    /// The accountable unit.
    case unit([String])
    /// Any unit that works on the case.
    case handler([String])

    /// With more streams than this, none of them gets far.
    private static let mostStreams = 80

    /// The sources that can carry a list: each gives every case that the filter and the sight let through.
    static func fit(_ filter: CaseFilter, _ sight: CaseSight) -> [KeySource] {
        // What is overdue is at a stage in which somebody owes something.
        let stages = filter.stages ?? (filter.isOverdue ? Stage.allCases.filter { !$0.isFinal } : nil)
        var sources: [KeySource] = []
        if let units = filter.units { sources.append(.unit(units.map(\.text))) }
        if let units = sight.units { sources.append(.handler(units.map(\.text))) }
        if let stages { sources.append(.stage(stages.map(\.rawValue))) }
        if let topics = filter.topics { sources.append(.topic(topics.map(\.text))) }
        if let regions = filter.regions { sources.append(.region(regions.map(\.text))) }
        sources = sources.filter { $0.streams <= mostStreams }
        return sources.isEmpty ? [.time] : sources
    }

    /// Whether it gives the asker's own cases alone.
    var isOwn: Bool { if case .handler = self { true } else { false } }

    var streams: Int {
        switch self {
        case .time: 1
        case .stage(let values), .topic(let values), .region(let values), .unit(let values): values.count
        case .handler(let units): units.count * 2
        }
    }

    /// How many keys of each stream are read for a window of about `size`.
    func each(of size: Int) -> Int { max(size / max(streams, 1), 4) }

    /// So many rows are read of a stream for each key that is wanted of it, if the others must not be seen.
    static let patience = 4

    /// The keys from `lowest` up and below `below` of cases that `circle` lets be seen: the number of their stream, the key, and `true`.
    ///
    /// No key tells of a case that must not be seen, nor does what is left out. Where too many of those lie together, a stream is cut off
    /// at the last row that was read, which stands at its end with `false`.
    func statements(lowest: Subject, below: Subject, each: Int, circle: [String]) -> [SQL] {
        func streams(_ values: [String], _ table: String, _ column: String?, sign: String = "") -> SQL {
            let judged = "file IS NOT NULL AND (circle IS NULL OR circle && w.names)"
            let seen = table == "cases" ? judged : "coalesce((SELECT \(judged) FROM cases c WHERE c.subject = s.subject), false)"
            let most = each * Self.patience
            return """
                SELECT \(unsafe: sign)u.stream, k.subject, k.seen
                FROM unnest(\(values)) WITH ORDINALITY AS u(value, stream) CROSS JOIN (SELECT \(circle) AS names) AS w CROSS JOIN LATERAL (
                    SELECT subject, seen FROM (
                        SELECT subject, seen, row_number() OVER (ORDER BY subject DESC) AS place FROM (
                            SELECT s.subject, \(unsafe: seen) AS seen FROM \(unsafe: table) AS s
                            WHERE \(unsafe: column.map { "s.\($0) = u.value" } ?? "true") AND s.subject >= \(lowest) AND s.subject < \(below)
                            ORDER BY s.subject DESC LIMIT \(most)) AS r) AS p
                    WHERE seen OR place = \(most) ORDER BY subject DESC LIMIT \(each)) AS k
                """
        }
        switch self {
        case .time: return [streams([""], "cases", nil)]
        case .stage(let stages): return [streams(stages, "cases", "stage")]
        case .topic(let topics): return [streams(topics, "cases", "topic")]
        case .region(let regions): return [streams(regions, "registrations", "region")]
        case .unit(let units): return [streams(units, "cases", "unit")]
        case .handler(let units): return [streams(units, "cases", "unit"), streams(units, "parts", "unit", sign: "-")]
        }
    }
}
