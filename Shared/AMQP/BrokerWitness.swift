/// Notices a broker that has lost everything: a durable exchange that its owner declares only when nothing is missing.
///
/// A publisher that does not find the exchange has its owner restore what was lost, then declares it.
public struct BrokerWitness: Sendable {
    /// The exchange; no other client declares or deletes it, and nothing is sent to it.
    public var exchange: String
    /// Called before anything is published to a new or emptied broker; when it throws, the publisher connects again later.
    public var restore: @Sendable () async throws -> Void

    public init(exchange: String, restore: @escaping @Sendable () async throws -> Void) {
        self.exchange = exchange
        self.restore = restore
    }
}
