/// The deliveries of a consumer as a sequence of batches.
///
/// It waits while the connection is lost, and ends when the consumer is closed or the waiting task cancelled. Several
/// tasks may iterate at once: each delivery goes to one of them.
public struct AMQPBatches: AsyncSequence, Sendable {
    let consumer: AMQPConsumer
    let limit: Int
    let gathering: Duration

    public struct AsyncIterator: AsyncIteratorProtocol {
        let batches: AMQPBatches

        public func next() async -> AMQPBatch? { await next(isolation: nil) }

        public func next(isolation actor: isolated (any Actor)?) async -> AMQPBatch? {
            // `next` fails in the two ways only that end a sequence.
            try? await batches.consumer.next(atMost: batches.limit, gathering: batches.gathering)
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(batches: self) }
}
