/// Names the lead unit, or says how it follows from the case's region.
public enum RuleLead: Sendable, Hashable {
    case unit(UnitCode)
    /// The unit of kind `township` that serves the case's region or the nearest region around it.
    case townshipOfRegion
    /// The unit of kind `village` that serves the case's region or the nearest region around it.
    case villageOfRegion
    /// One of these units: of two that a hash of the case picks, the one with less open work.
    case leastLoaded([UnitCode])
}

extension RuleLead: Codable {
    public static let townshipWord = "township-of-region"
    public static let villageWord = "village-of-region"
    public static let leastLoadedWord = "least-loaded"

    /// The units that it names, whichever of them the case goes to; none where they follow from the region.
    public var units: [UnitCode] {
        switch self {
        case .unit(let unit): [unit]
        case .leastLoaded(let units): units
        case .townshipOfRegion, .villageOfRegion: []
        }
    }

    private enum CodingKeys: String, CodingKey { case unit, resolve, leastLoaded }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let unit = try container.decodeIfPresent(UnitCode.self, forKey: .unit) {
            self = .unit(unit)
            return
        }
        if let units = try container.decodeIfPresent([UnitCode].self, forKey: .leastLoaded) {
            self = .leastLoaded(units)
            return
        }
        switch try container.decode(String.self, forKey: .resolve) {
        case Self.townshipWord: self = .townshipOfRegion
        case Self.villageWord: self = .villageOfRegion
        default:
            throw DecodingError.dataCorruptedError(forKey: .resolve, in: container, debugDescription: "is no way to find a unit")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .unit(let code): try container.encode(code, forKey: .unit)
        case .townshipOfRegion: try container.encode(Self.townshipWord, forKey: .resolve)
        case .villageOfRegion: try container.encode(Self.villageWord, forKey: .resolve)
        case .leastLoaded(let units): try container.encode(units, forKey: .leastLoaded)
        }
    }
}
