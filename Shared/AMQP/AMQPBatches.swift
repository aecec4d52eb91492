/// The deliveries of a consumer as a sequence of batches.
///
/// It waits while the connection is lost, and ends when the consumer is closed or the waiting task cancelled. Several
/// tasks may iterate at once: each delivery goes to one of them.
///
/// Behind a batch that was large it gathers for as long as that was worked on, up to a limit: what a batch costs whatever is in it is
/// then paid half as often, and most where it costs most. Small batches are never followed by such a wait.
public struct AMQPBatches: AsyncSequence, Sendable {
    let consumer: AMQPConsumer
    let limit: Int
    let gathering: Duration
    let longestGathering: Duration

    /// From so many bytes on a batch is large.
    private static let large = 1 << 14

    public struct AsyncIterator: AsyncIteratorProtocol {
        let batches: AMQPBatches
        /// When the last batch was handed out; nil when it was not large.
        private var handedOut: ContinuousClock.Instant?

        init(batches: AMQPBatches) { self.batches = batches }

        public mutating func next() async -> AMQPBatch? { await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> AMQPBatch? {
            let work = handedOut.map { Swift.min(ContinuousClock.now - $0, batches.longestGathering) } ?? .zero
            // `next` fails in the two ways only that end a sequence.
            let batch = try? await batches.consumer.next(atMost: batches.limit, gathering: Swift.max(batches.gathering, work))
            let isLarge = (batch?.bodies.reduce(0) { $0 + $1.count } ?? 0) >= AMQPBatches.large
            handedOut = isLarge ? .now : nil
            return batch
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(batches: self) }
}
