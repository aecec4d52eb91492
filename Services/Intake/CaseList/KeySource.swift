import Models
import Postgres

/// An index that gives the keys of some cases from the newest to the oldest.
enum KeySource: Equatable {
    /// Every case.
    case time
    case stage([String])
    case topic([String])
    case region([String])
    /// Each of the topics in each of the regions.
    case topicAndRegion([String], [String])
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
        let (topics, regions) = (filter.topics?.map(\.text), filter.regions?.map(\.text))
        if let topics, let regions, topics.count * regions.count <= mostStreams {
            // Each of its streams is a part of a topic's and of a region's, so it is never less selective.
            sources.append(.topicAndRegion(topics, regions))
        } else {
            if let topics { sources.append(.topic(topics)) }
            if let regions { sources.append(.region(regions)) }
        }
        sources = sources.filter { $0.streams <= mostStreams }
        return sources.isEmpty ? [.time] : sources
    }

    /// Whether it gives the asker's own cases alone.
    var isOwn: Bool { if case .handler = self { true } else { false } }

    var streams: Int {
        switch self {
        case .time: 1
        case .stage(let values), .topic(let values), .region(let values), .unit(let values): values.count
        case .topicAndRegion(let topics, let regions): topics.count * regions.count
        case .handler(let units): units.count * 2
        }
    }

    /// How many keys of each stream are read for a window of about `size`.
    func each(of size: Int) -> Int { max(size / max(streams, 1), 4) }

    /// The keys from `lowest` up and below `below`, with the number of their stream.
    func statement(lowest: Subject, below: Subject, each: Int) -> SQL {
        func streams(_ values: [String], _ table: String, _ column: String) -> SQL {
            """
            SELECT u.stream, k.subject FROM unnest(\(values)) WITH ORDINALITY AS u(value, stream) CROSS JOIN LATERAL (
                SELECT subject FROM \(unsafe: table) WHERE \(unsafe: column) = u.value AND subject >= \(lowest) AND subject < \(below)
                ORDER BY subject DESC LIMIT \(each)) AS k
            """
        }
        switch self {
        case .time:
            return """
                SELECT 1::bigint, subject FROM registrations WHERE subject >= \(lowest) AND subject < \(below)
                ORDER BY subject DESC LIMIT \(each)
                """
        case .stage(let stages): return streams(stages, "cases", "stage")
        case .topic(let topics): return streams(topics, "cases", "topic")
        case .region(let regions): return streams(regions, "registrations", "region")
        case .topicAndRegion(let topics, let regions):
            return """
                SELECT u.stream, k.subject
                FROM unnest(\(topics.flatMap { topic in regions.map { _ in topic } }), \(topics.flatMap { _ in regions }))
                    WITH ORDINALITY AS u(topic, region, stream)
                CROSS JOIN LATERAL (
                    SELECT subject FROM cases
                    WHERE topic = u.topic AND region = u.region AND subject >= \(lowest) AND subject < \(below)
                    ORDER BY subject DESC LIMIT \(each)) AS k
                """
        case .unit(let units): return streams(units, "cases", "unit")
        case .handler(let units):
            return """
                SELECT u.stream, k.subject FROM unnest(\(units)) WITH ORDINALITY AS u(value, stream) CROSS JOIN LATERAL (
                    SELECT subject FROM cases WHERE unit = u.value AND subject >= \(lowest) AND subject < \(below)
                    ORDER BY subject DESC LIMIT \(each)) AS k
                UNION ALL
                SELECT -u.stream, k.subject FROM unnest(\(units)) WITH ORDINALITY AS u(value, stream) CROSS JOIN LATERAL (
                    SELECT subject FROM parts WHERE unit = u.value AND subject >= \(lowest) AND subject < \(below)
                    ORDER BY subject DESC LIMIT \(each)) AS k
                """
        }
    }
}
