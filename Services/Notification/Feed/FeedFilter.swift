import Models

/// What of the feed a subscription gets; what is nil narrows nothing.
public struct FeedFilter: Codable, Sendable, Hashable {
    /// Types of entries, such as `case.answered`.
    public var types: [String]?
    /// Topics with all below them.
    public var topics: [TopicCode]?
    /// Regions with all below them.
    public var regions: [RegionCode]?
    /// Units that are accountable for the case, with all below them.
    public var units: [UnitCode]?
    public var kinds: [CaseKind]?

    public init(
        types: [String]? = nil, topics: [TopicCode]? = nil, regions: [RegionCode]? = nil, units: [UnitCode]? = nil,
        kinds: [CaseKind]? = nil
    ) {
        self.types = types
        self.topics = topics
        self.regions = regions
        self.units = units
        self.kinds = kinds
    }

    /// The filter spelled out for a subscription of `unit`, in whose place its successor stands once it has ended (Article 24).
    func match(for unit: UnitCode, in county: CountyIndex) -> FeedMatch {
        func spread<C: Code>(_ codes: [C]?, _ tree: CodeTree<C>, living: (C) -> C = { $0 }) -> [String]? {
            codes.map { codes in
                // A code that the county has no more still stands on old entries.
                Set(codes.flatMap { code in [code] + tree.subtree(of: code) + [living(code)] + tree.subtree(of: living(code)) }.map(\.text))
                    .sorted()
            }
        }
        return FeedMatch(
            unit: county.living(unit), types: types, topics: spread(topics, county.topicTree), regions: spread(regions, county.regionTree),
            units: spread(units, county.unitTree) { county.living($0) }, kinds: kinds?.map(\.rawValue))
    }
}

/// A filter with its subtrees spelled out, and whose it is: exactly what an entry is held against.
struct FeedMatch: Codable, Sendable, Hashable {
    /// Whose subscription it is: entries of confidential cases are only for units of their circle.
    var unit: UnitCode
    var types: [String]?
    var topics: [String]?
    var regions: [String]?
    var units: [String]?
    var kinds: [String]?
}
