/// Deliveries of one connection that are acknowledged together.
public struct AMQPBatch: Sendable {
    /// In the order in which the broker sent them; never empty.
    public internal(set) var bodies: [[UInt8]] = []
    /// The tag of the last delivery.
    var lastTag: UInt64 = 0
    /// Which connection they came over.
    var epoch: UInt64 = 0
}
