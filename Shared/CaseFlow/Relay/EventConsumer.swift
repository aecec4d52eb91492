import Logging
import Models

/// Feeds deliveries to a worker, batch by batch: acknowledged only after the commit.
///
/// A database that is away makes the consumer keep its unacknowledged deliveries and try again with growing pauses;
/// nothing is sent back to the queue. A message that is no bundle at all is put, with the reason, where the operator
/// finds it, before it is acknowledged.
public final class EventConsumer<Process: CaseProcess, Store: CaseStore, Broker: EventBroker>: Sendable
where Store.State == Process.State, Store.Effect == Process.Effect {
    private let worker: CaseWorker<Process, Store>
    private let broker: Broker
    private let logger: Logger
    private let largestBatch = 256

    public init(worker: CaseWorker<Process, Store>, broker: Broker, logger: Logger) {
        self.worker = worker
        self.broker = broker
        self.logger = logger
    }

    /// Works until the task is cancelled or the broker is closed.
    public func run() async {
        for await batch in broker.batches(atMost: largestBatch) {
            guard await insist(on: batch) else { return }
        }
    }

    /// Tries until `batch` is durable, and acknowledges it; says whether the work goes on.
    ///
    /// The batch is kept until it is durable: the subscription may live on when the publisher or the database fails, and
    /// then delivers nothing again. Once it is durable, an acknowledgement that fails is made up for by the broker, which
    /// delivers the batch again over its next connection.
    private func insist(on batch: Broker.Batch) async -> Bool {
        var pause = Pause()
        while !Task.isCancelled {
            do throws(FlowFailure) {
                try await store(batch)
                await acknowledge(batch)
                return true
            } catch {
                switch error {
                case .broker(let failure):
                    if failure.isClosed { return false }
                    logger.warning("the broker is away; trying again", metadata: ["reason": "\(failure)"])
                case .store(let failure):
                    logger.warning("the database cannot take deliveries now; they wait", metadata: ["reason": "\(failure)"])
                }
                if await broker.isClosed { return false }
                await pause.wait()
            }
        }
        return false
    }

    private func acknowledge(_ batch: Broker.Batch) async {
        do throws(BrokerFailure) { try await broker.acknowledge(batch) } catch {
            logger.warning("a batch is durable but could not be acknowledged; it comes again", metadata: ["reason": "\(error)"])
        }
    }

    /// Makes one batch durable and acknowledges it.
    ///
    /// When it throws, nothing was acknowledged, and what had been stored is known as duplicate when it comes again.
    public func settle(_ batch: Broker.Batch) async throws(FlowFailure) {
        try await store(batch)
        do throws(BrokerFailure) { try await broker.acknowledge(batch) } catch { throw .broker(error) }
    }

    private func store(_ batch: Broker.Batch) async throws(FlowFailure) {
        var (events, undecodable) = Self.read(batch.bodies)
        do throws(StoreFailure) {
            for (event, reason) in try await worker.handle(events) {
                undecodable.append(Self.aside(event.wire, "what is stored of its case cannot be read: \(reason)"))
            }
        } catch { throw .store(error) }
        do throws(BrokerFailure) { try await putAside(undecodable) } catch { throw .broker(error) }
    }

    private func putAside(_ messages: [OutboundMessage]) async throws(BrokerFailure) {
        if messages.isEmpty { return }
        logger.error("messages that cannot be worked on were put aside", metadata: ["count": "\(messages.count)"])
        let outcomes = try await broker.publish(messages)
        if outcomes.contains(where: { $0 != .confirmed }) {
            throw BrokerFailure(reason: "the queue huiyin.undecodable did not take a message")
        }
    }

    /// The events in `bodies`, in order, and what is none.
    static func read(_ bodies: [[UInt8]]) -> (events: [CaseEvent], undecodable: [OutboundMessage]) {
        var (events, undecodable): ([CaseEvent], [OutboundMessage]) = ([], [])
        for body in bodies {
            do throws(JSONError) {
                for element in try EventBundle.unpack(body) {
                    switch element {
                    case .event(let event): events.append(event)
                    case .undecodable(let bytes, let reason): undecodable.append(aside(bytes, reason))
                    }
                }
            } catch {
                undecodable.append(aside(body, "this is no bundle of events: \(error)"))
            }
        }
        return (events, undecodable)
    }

    private static func aside(_ bytes: [UInt8], _ reason: String) -> OutboundMessage {
        OutboundMessage(
            exchange: .undecodable, routingKey: OutboundMessage.Exchange.undecodable.rawValue, contentType: "application/octet-stream",
            body: bytes, reason: reason)
    }
}

/// Which of the two servers failed a consumer.
public enum FlowFailure: Error, Sendable {
    case broker(BrokerFailure)
    case store(StoreFailure)
}

/// Growing, jittered pauses between tries.
public struct Pause: Sendable {
    private var next = Duration.milliseconds(50)

    public init() {}

    public mutating func reset() { next = .milliseconds(50) }

    /// Waits between half and the whole of the next pause; at most five seconds.
    public mutating func wait() async {
        let pause = next * Double.random(in: 0.5...1)
        next = min(next * 2, .seconds(5))
        try? await Task.sleep(for: pause)
    }
}
