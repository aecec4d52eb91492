/// A typed wrapper of a `UniqueID`, so that an event's identifier is never passed where a case's is wanted.
public protocol Identifier: Hashable, Comparable, Codable, JSONReadable, JSONWritable, Sendable, LosslessStringConvertible {
    var raw: UniqueID { get }
    init(_ raw: UniqueID)
}

extension Identifier {
    public static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }

    public var description: String { raw.description }

    public init?(_ description: String) {
        guard let raw = UniqueID(description) else { return nil }
        self.init(raw)
    }

    public init(from decoder: any Decoder) throws { self.init(try UniqueID(from: decoder)) }

    public init(json place: JSONPlace) throws { self.init(try UniqueID(json: place)) }

    public func encode(to encoder: any Encoder) throws { try raw.encode(to: encoder) }

    public func write(json text: inout JSONText) { text.write(raw) }
}

/// Names a case (信访事项).
public struct CaseID: Identifier {
    public let raw: UniqueID

    public init(_ raw: UniqueID) { self.raw = raw }
    public init(_ subject: Subject) { raw = subject.raw }
}

/// Names what a stream of events is about: nearly always a case; the county definition is a subject of its own.
public struct Subject: Identifier {
    public let raw: UniqueID

    public init(_ raw: UniqueID) { self.raw = raw }
    public init(_ id: CaseID) { raw = id.raw }

    /// The subject of `county.published`: one for each house, as each serves one county.
    public static let county = Subject(UniqueID(high: 0x0000_0000_0000_8000, low: 0x8000_0000_0000_C0DE))
}

/// Names an event; the same wherever it is delivered, held, recorded or delivered again.
public struct EventID: Identifier {
    public let raw: UniqueID

    public init(_ raw: UniqueID) { self.raw = raw }
}

/// Names a notice; also its idempotency id, so that whoever receives it twice can tell.
public struct NoticeID: Identifier {
    public let raw: UniqueID

    public init(_ raw: UniqueID) { self.raw = raw }
}
