import CaseFlow
import Models
import Synchronization

/// One replica's connection to a broker in memory.
public final class InMemoryConnection: EventBroker {
    private let broker: InMemoryBroker
    let source: Source
    private let closed = Atomic(false)

    /// Connects the service `source`.
    public init(_ source: Source, to broker: InMemoryBroker) {
        self.source = source
        self.broker = broker
    }

    public var isConnected: Bool { !isClosed }

    public var isClosed: Bool { closed.load(ordering: .acquiring) }

    public func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
        if isClosed { throw Self.closed }
        for message in messages { await broker.accept(message) }
        return messages.map { _ in .confirmed }
    }

    public func batches(atMost limit: Int) -> AsyncStream<InMemoryBroker.Batch> {
        AsyncStream { await self.broker.next(self, atMost: limit) }
    }

    /// What there is now, at most `limit` messages; nil when there is nothing.
    public func take(atMost limit: Int) async -> InMemoryBroker.Batch? { await broker.take(self, atMost: limit) }

    public func acknowledge(_ batch: InMemoryBroker.Batch) async throws(BrokerFailure) {
        if isClosed { throw Self.closed }
        await broker.acknowledge(batch, self)
    }

    /// Gives everything that is not acknowledged back to the queue.
    public func release() async { await broker.release(self) }

    /// Ends the connection, whose sequences end with it.
    public func close() async {
        closed.store(true, ordering: .releasing)
        await broker.release(self)
    }

    private static let closed = BrokerFailure(reason: "the connection was closed", isClosed: true)
}
