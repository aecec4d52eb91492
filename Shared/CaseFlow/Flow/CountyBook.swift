import Models

/// The county definitions that a service has seen, by version, and which is in force.
///
/// A value: a unit of work sees one book from its beginning to its end.
public struct CountyBook: Sendable {
    /// A definition with everything that is prepared from it once; shared, since it never changes and is large.
    public final class Edition: Sendable {
        public let index: CountyIndex
        public let rules: RuleBook
        public let places: PlaceFinder

        public init(_ definition: CountyDefinition) throws(CountyError) {
            index = try CountyIndex(definition)
            rules = RuleBook(index)
            places = PlaceFinder(index)
        }

        /// Prepares a definition that has just been published, which is held to the limits; what is stored already is not.
        public convenience init(published definition: CountyDefinition) throws(CountyError) {
            try definition.checkLimits()
            try self.init(definition)
        }
    }

    private var editions: [String: Edition] = [:]
    /// The edition in force: the one published last; nil before the first.
    public private(set) var current: Edition?

    public init() {}

    public subscript(_ version: String) -> Edition? { editions[version] }

    /// Whether the definition of `version` is here; the empty version, from before the first, always is.
    public func knows(_ version: String) -> Bool { version.isEmpty || editions[version] != nil }

    /// Takes in an edition.
    public mutating func add(_ edition: Edition) { editions[edition.index.version] = edition }

    /// Puts a version that was added in force.
    public mutating func putInForce(_ version: String) { current = editions[version] ?? current }
}
