/// A place in the county (行政区划): the county, a township, a village, a grid.
public struct CountyRegion: Codable, Sendable, Hashable {
    public var code: RegionCode
    /// The region around it; nil for the county itself.
    public var parent: RegionCode?
    public var name: LocalizedText
    /// Other names under which people know it; nil for none.
    public var aliases: [String]?

    public init(code: RegionCode, parent: RegionCode?, name: LocalizedText, aliases: [String]? = nil) {
        self.code = code
        self.parent = parent
        self.name = name
        self.aliases = aliases
    }
}
