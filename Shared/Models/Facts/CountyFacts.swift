/// A county definition is in force from now on; its subject is `Subject.county`.
public struct CountyPublished: EventFacts {
    public static var type: String { "county.published" }

    public var definition: CountyDefinition

    public init(definition: CountyDefinition) { self.definition = definition }
}
