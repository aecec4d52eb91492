import AMQP
import CaseFlow
import Logging
import Models
import Postgres
import ServiceKit

/// Puts one subscription's entries into its queue, until its right to do so is over.
///
/// The queue holds no more than its room; the rest waits in the feed, so a department that sleeps fills no disk. What the department has
/// surely taken is written down, and if the queue vanishes with all in it, what follows that is sent again.
actor QueueDelivery {
    struct Tools: Sendable {
        var client: PostgresClient
        var shelf: SubscriptionShelf
        var lease: SubscriptionLease
        var publisher: AMQPPublisher
        var provision: QueueProvision
        var bell: FeedBell
        var logger: Logger
    }

    private let tools: Tools
    private let held: HeldSubscription
    private let reader: FeedReader
    private let room: Int
    private var position: Int64
    private var number: Int64
    private var consumed: Int64
    private var heldUntil: ContinuousClock.Instant
    /// How many more may be put in before the queue is looked at again.
    private var allowance = 0
    private var nextLook = ContinuousClock.now
    /// Numbers that were sent up to moments of the past.
    private var history: [(at: ContinuousClock.Instant, number: Int64)] = []
    private var failures = 0
    private var mark: Int64
    private var savedPosition: Int64

    private static let batch = 256
    /// Longer than the broker's count of messages may be old.
    private static let countAge = Duration.seconds(15)
    static let standardRoom = 100_000

    init(_ held: HeldSubscription, tools: Tools) {
        self.tools = tools
        self.held = held
        reader = FeedReader(client: tools.client)
        room = held.definition.room ?? Self.standardRoom
        (position, number, consumed) = (held.position, held.number, held.consumed)
        heldUntil = .now + held.remaining
        mark = held.position
        savedPosition = held.position
    }

    func renew(until end: ContinuousClock.Instant) { heldUntil = end }

    func run(password: String) async throws {
        // Put down before the queue is there again: whoever comes next could not tell that it was lost.
        if number > consumed, try await !tools.provision.isThere(held.code) { return try await rewind() }
        try await tools.provision.make(held.code, room: room, password: password)
        history = [(.now, number)]
        while !Task.isCancelled, heldUntil - SubscriptionLease.margin > .now {
            if nextLook <= .now, try await !look() { return try await rewind() }
            let page = try await reader.page(of: held.code, above: position, number: number, limit: max(1, min(Self.batch, allowance)))
            let entries = page.entries.filter { $0.number > held.skip }
            guard entries.count <= allowance else {
                try await wait("its queue is full: the department takes nothing; the rest waits in the feed", most: 30)
                nextLook = .now
                continue
            }
            switch try await publish(entries) {
            case .all:
                allowance -= entries.count
                (position, number) = (page.position, page.number)
                failures = 0
                guard try await save(succeeded: !entries.isEmpty, nil) else { return }
            case .none(let reason): try await wait(reason, most: 60)
            case .lost: return try await rewind()
            }
            if page.position >= page.head { await tools.bell.wait(above: page.head, until: .now + .seconds(5)) }
        }
    }

    private enum Fate { case all, none(String), lost }

    private func publish(_ entries: [NumberedEntry]) async throws -> Fate {
        if entries.isEmpty { return .all }
        let messages = entries.map { entry in
            AMQPMessage(
                exchange: "huiyin.feed", routingKey: "\(held.code).\(entry.type)", contentType: "application/cloudevents+json",
                body: entry.document, mandatory: true)
        }
        let results: [PublishResult]
        do throws(AMQPError) { results = try await tools.publisher.publish(messages) } catch {
            return .none("RabbitMQ is not there now")
        }
        if results.allSatisfy({ $0 == .confirmed }) { return .all }
        if results.contains(where: { if case .returned = $0 { true } else { false } }) { return .lost }
        return .none("its queue took less than was sent: it is full, or most of its members are away")
    }

    /// Looks how full the queue is; false when it is gone.
    private func look() async throws -> Bool {
        nextLook = .now + .seconds(5)
        let now = ContinuousClock.now
        guard let depth = try await tools.provision.depth(of: held.code) else { return false }
        allowance = max(0, room - depth)
        // The broker's count is some seconds old: of what was sent before that, all but those messages is surely taken.
        if let past = history.last(where: { $0.at + Self.countAge <= now }) { consumed = max(consumed, past.number - Int64(depth)) }
        history.append((now, number))
        if let keep = history.lastIndex(where: { $0.at + Self.countAge <= now }) { history.removeFirst(keep) }
        return true
    }

    /// Sends again what nobody may have taken: the queue vanished, or was made anew.
    private func rewind() async throws {
        tools.logger.notice("a subscription's queue was lost; what it held is sent again", metadata: .of([.reason: "\(held.code)"]))
        _ = try await tools.shelf.replay(held.code, after: consumed)
    }

    private func wait(_ reason: String, most: Double) async throws {
        failures += 1
        guard try await save(succeeded: false, reason) else { throw CancellationError() }
        try await Task.sleep(for: RetryPause.after(failures, first: 1, most: most))
    }

    private func save(succeeded: Bool, _ answer: String?) async throws -> Bool {
        if position == savedPosition, !succeeded, answer == nil { return true }
        var statements: [SQL] = [
            """
            UPDATE subscriptions SET number = \(number), position = \(position), consumed = greatest(consumed, \(consumed)),
                failures = \(Int32(failures)), last_answer = \(answer),
                last_success_at = CASE WHEN \(succeeded) THEN now() ELSE last_success_at END
            WHERE code = \(held.code.text) AND holder = \(tools.lease.holder) AND epoch = \(held.epoch) AND phase = 'active'
            RETURNING code
            """
        ]
        if position - mark >= FeedReader.markEvery {
            statements.append(FeedReader.marking(held.code, position, number))
            mark = position
        }
        savedPosition = position
        return try await !(tools.client.run(statements).first?.isEmpty ?? true)
    }
}
