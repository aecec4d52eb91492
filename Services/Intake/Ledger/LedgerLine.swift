import Crypto
import Models

/// One line of the ledger (台账): an event in the order in which intake applied it, chained to the line before.
public struct LedgerLine: Sendable, Hashable {
    public var subject: Subject
    /// 1, 2, 3… for each subject.
    public var position: Int64
    public var event: CaseEvent
    /// The hash of the line before; 32 zero bytes for the first.
    public var previous: [UInt8]
    /// The event's wire form, which is stored.
    public var wire: [UInt8]
    /// SHA-256 over `previous` and `wire`.
    public var hash: [UInt8]

    /// Writes the line that follows `previous`.
    public init(position: Int64, event: CaseEvent, previous: [UInt8]) {
        subject = event.subject
        self.position = position
        self.event = event
        self.previous = previous
        wire = event.wire
        hash = Self.hash(previous: previous, wire: wire)
    }

    /// The hash that belongs to a line.
    public static func hash(previous: [UInt8], wire: [UInt8]) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(data: previous)
        hasher.update(data: wire)
        return Array(hasher.finalize())
    }
}
