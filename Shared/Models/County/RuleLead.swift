/// Names the lead unit, or says how it follows from the case's region.
public enum RuleLead: Sendable, Hashable {
    case unit(UnitCode)
    /// The unit of kind `township` that serves the case's region or the nearest region around it.
    case townshipOfRegion
    /// The unit of kind `village` that serves the case's region or the nearest region around it.
    case villageOfRegion
}

extension RuleLead: Codable {
    public static let townshipWord = "township-of-region"
    public static let villageWord = "village-of-region"

    private enum CodingKeys: String, CodingKey { case unit, resolve }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let unit = try container.decodeIfPresent(UnitCode.self, forKey: .unit) {
            self = .unit(unit)
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
        }
    }
}
