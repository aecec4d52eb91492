import Logging
import Models

/// Sends committed outbox rows of one lane and takes them out of the outbox once the broker has confirmed.
///
/// Rows come straight after their commit from the worker that wrote them, in memory; a sweep takes what is older than
/// three seconds, so a crash, a lost hand-over or a broker that was away only delays. Rows that are younger when the broker comes back
/// do not wait for their three seconds: they are sent from memory again. What is confirmed leaves the outbox once a second, in one
/// commit. A row may be sent twice (sent, confirmed, crashed before it left the outbox); the gate of
/// whoever reads it makes that harmless.
public actor OutboxRelay<Store: CaseStore, Publisher: EventPublisher> {
    private let store: Store
    private let lane: OutboxLane
    private let publisher: Publisher
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private var fresh: [Fresh] = []
    /// Fresh rows that the broker did not take; given up when a sweep may take them.
    private var missed: [Fresh] = []
    private var confirmed: [Int64] = []
    /// Rows that a sweep took and the broker did not confirm; nobody else takes them before half a minute is over.
    private var unconfirmed: [OutboxRow] = []
    private var doorbell: CheckedContinuation<Void, Never>?
    private var stopping = false
    /// The burst of `run()` that is under way.
    private var sending: Task<Bool, Never>?

    /// Rows beyond so many bytes are left to the sweep, so that a broker that is away costs little memory.
    private let largestBacklog = 4 << 20
    /// How many bytes wait in memory.
    private var backlog = 0
    /// From when on a row is the sweep's.
    private let sweepable = Duration.seconds(3)
    private let burst = 128
    /// So many rows are swept at once: finding them costs a look at all that wait.
    private let swept = 512
    /// So many confirmed rows leave the outbox without waiting for the second to end.
    private let mostConfirmed = 4096

    /// A row that was just committed.
    private struct Fresh {
        let row: OutboxRow
        let since: ContinuousClock.Instant

        var size: Int { row.message.body.count }
    }

    /// Makes a relay; `now` tells the time, which is another only in simulations and tests.
    public init(
        store: Store, lane: OutboxLane, publisher: Publisher, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.now = now
        self.store = store
        self.lane = lane
        self.publisher = publisher
        self.logger = logger
    }

    /// Takes those of the rows that were just committed which go this lane.
    public func offer(_ rows: [OutboxRow]) {
        let rows = rows.filter { $0.lane == lane }
        if rows.isEmpty { return }
        dropSweepable()
        if backlog > largestBacklog { return }
        let since = now()
        fresh += rows.map { Fresh(row: $0, since: since) }
        backlog += rows.reduce(0) { $0 + $1.message.body.count }
        ring()
    }

    /// Sends one burst of fresh rows; says whether there was one.
    public func sendFresh() async -> Bool {
        let rows = Array(fresh.prefix(burst))
        if rows.isEmpty { return false }
        fresh.removeFirst(rows.count)
        backlog -= rows.reduce(0) { $0 + $1.size }
        // A row that could not be sent now is in the table still: the sweep comes for it when its time has come.
        let unsent = Set(await send(rows.map(\.row)).unsent.map(\.id))
        if !unsent.isEmpty {
            let rows = rows.filter { unsent.contains($0.row.id) }
            missed += rows
            backlog += rows.reduce(0) { $0 + $1.size }
            dropSweepable()
        }
        return true
    }

    /// Gives up the missed rows that a sweep may take by now.
    private func dropSweepable() {
        if missed.isEmpty { return }
        let limit = now() - sweepable
        missed.removeAll { $0.since <= limit }
        backlog = (fresh + missed).reduce(0) { $0 + $1.size }
    }

    /// Has missed rows sent again, before those that came after them.
    private func retryMissed() {
        dropSweepable()
        if missed.isEmpty { return }
        fresh.insert(contentsOf: missed, at: 0)
        missed = []
        ring()
    }

    /// Sends rows that nobody sent in time, those that wait longest first; says how many were sent.
    public func sweep() async -> Int {
        // What is taken rests for half a minute: nothing is taken in vain, and what was is tried again from memory.
        dropSweepable()
        guard await publisher.isConnected else { return 0 }
        retryMissed()
        if !unconfirmed.isEmpty {
            let rows = unconfirmed
            unconfirmed = []
            return await sendTaken(rows)
        }
        let rows: [OutboxRow]
        do throws(StoreFailure) { rows = try await store.takeOutbox(lane, limit: swept) } catch {
            logger.debug("the outbox cannot be read now", metadata: ["reason": "\(error)"])
            return 0
        }
        return rows.isEmpty ? 0 : await sendTaken(rows)
    }

    private func sendTaken(_ rows: [OutboxRow]) async -> Int {
        let (sent, unsent) = await send(rows)
        unconfirmed += unsent
        return sent
    }

    /// Sends fresh rows as they come, until the task is cancelled or `stop()` is called.
    public func run() async {
        while !stopping, !Task.isCancelled {
            let burst = Task { await sendFresh() }
            sending = burst
            if await withTaskCancellationHandler(operation: { await burst.value }, onCancel: { burst.cancel() }) { continue }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    if fresh.isEmpty, !stopping, !Task.isCancelled { doorbell = continuation } else { continuation.resume() }
                }
            } onCancel: {
                Task { await self.ring() }
            }
        }
    }

    /// Takes the confirmed rows out of the outbox; those that cannot be are sent once more by the sweep.
    public func forgetConfirmed() async {
        if confirmed.isEmpty { return }
        let ids = confirmed
        confirmed = []
        do throws(StoreFailure) { try await store.forgetOutbox(ids) } catch {
            logger.debug("confirmed rows stay in the outbox; they are sent once more", metadata: ["reason": "\(error)"])
        }
    }

    /// Clears up and sweeps each second, again at once while there is a backlog, until the task is cancelled.
    ///
    /// While the broker is away its return is looked for more often: cases wait for it.
    public func runSweep() async {
        while !Task.isCancelled {
            await forgetConfirmed()
            let sent = await sweep()
            if sent < swept { try? await Task.sleep(for: await publisher.isConnected ? .seconds(1) : .milliseconds(100)) }
        }
    }

    /// Sends what is in memory, for at most a few seconds, then ends `run()`; the sweep of another process sends the rest.
    public func stop() async {
        stopping = true
        retryMissed()
        ring()
        await withTaskGroup { group in
            group.addTask { while await self.sendFresh(), !Task.isCancelled {} }
            group.addTask { try? await Task.sleep(for: .seconds(3)) }
            await group.next()
            group.cancelAll()
            sending?.cancel()
        }
        await forgetConfirmed()
    }

    private func ring() {
        doorbell?.resume()
        doorbell = nil
    }

    /// Sends rows; says how many were confirmed, and which may be sent again at once: those that nobody would get are not among them.
    private func send(_ rows: [OutboxRow]) async -> (sent: Int, unsent: [OutboxRow]) {
        let outcomes: [PublishOutcome]
        do throws(BrokerFailure) { outcomes = try await publisher.publish(rows.map(\.message)) } catch {
            logger.debug("the broker did not confirm a burst; it is sent again", metadata: ["reason": "\(error)"])
            return (0, rows)
        }
        var (sent, unsent): (Int, [OutboxRow]) = (0, [])
        for (row, outcome) in zip(rows, outcomes) {
            switch outcome {
            case .confirmed:
                confirmed.append(row.id)
                sent += 1
            case .returned(let reason):
                logger.error(
                    "a message found no queue; it stays in the outbox until the topology is back",
                    metadata: ["exchange": "\(row.message.exchange.rawValue)", "reason": "\(reason)"])
            case .refused: unsent.append(row)
            }
        }
        // One line for a burst: while a queue has no leader everything for it is refused.
        if !unsent.isEmpty {
            logger.warning("the broker refused messages; they stay in the outbox", metadata: ["count": "\(unsent.count)"])
        }
        if confirmed.count >= mostConfirmed { await forgetConfirmed() }
        return (sent, unsent)
    }
}
