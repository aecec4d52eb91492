import CaseFlow
import Logging
import Models
import Postgres
import ServiceKit

/// Delivers one subscription to its webhook, until its right to do so is over.
///
/// **Order:** a case's entries go one after the other, different cases at the same time. **What is refused** is parked with what follows it in
/// its case and comes again after growing pauses; everything else goes on. **When nobody is there**, nothing is sent for a growing
/// pause, then one request, and with its first success all at once again. **What repeats:** after a crash, what was sent since the
/// progress was last written down, always under the same identifiers.
actor WebhookDelivery {
    /// What a delivery works with.
    struct Tools: Sendable {
        var client: PostgresClient
        var shelf: SubscriptionShelf
        var lease: SubscriptionLease
        var gate: WebhookGate
        var handshake: WebhookHandshake
        var bell: FeedBell
        var logger: Logger
        /// How long one request may take.
        var limit = Duration.seconds(15)
        /// How many requests are under way at the same time.
        var concurrency = 48
    }

    private enum Event: Sendable {
        case sent([NumberedEntry], DeliveryOutcome)
        case retried(ParkedEntries.Due, DeliveryOutcome)
        case woken
    }

    private let tools: Tools
    private let code: SubscriptionCode
    private let parked: ParkedEntries
    private let reader: FeedReader
    private let target: WebhookTarget
    private let form: SubscriptionDefinition.Form
    private let skip: Int64
    private let epoch: Int64
    private var window: DeliveryWindow
    private var head: Int64 = 0
    private var secrets: SubscriptionSecrets
    /// Until when this process may send.
    private var heldUntil: ContinuousClock.Instant
    private var failures: Int
    private var pausedUntil: ContinuousClock.Instant?
    /// Refusals in a row: whoever refuses everything is as good as away.
    private var refusals = 0
    private var lastAnswer: String?
    /// Batches that were refused go one by one up to this number, to find out which entry it is.
    private var singlyUpTo: Int64 = 0
    private var underWay = 0
    private var retried: (delivered: [ParkedEntries.Due], refused: [(due: ParkedEntries.Due, answer: String)]) = ([], [])
    private var retrying = Set<Int64>()
    private var nextRetry = ContinuousClock.now
    private var unsaved = 0
    private var saved: (number: Int64, position: Int64)
    private var succeeded = false
    private var nextSave = ContinuousClock.now
    private var mark: Int64
    private var rate: Int?
    private var begun: (minute: ContinuousClock.Instant, requests: Int) = (.now, 0)

    private static let readAhead = 512
    private static let mostRefusals = 20
    /// So often may one request find nobody there before it is parked.
    private static let mostTries = 4
    /// How often the requests that begin with a number found nobody there.
    private var tries: [Int64: Int] = [:]

    init?(_ held: HeldSubscription, secrets: SubscriptionSecrets, parkedCases: Set<Subject>, tools: Tools) {
        guard let url = held.definition.url, let target = try? WebhookTarget(url) else { return nil }
        self.tools = tools
        self.target = target
        self.secrets = secrets
        code = held.code
        form = held.definition.form ?? .structured
        skip = held.skip
        epoch = held.epoch
        saved = (held.number, held.position)
        parked = ParkedEntries(client: tools.client, code: held.code)
        reader = FeedReader(client: tools.client)
        window = DeliveryWindow(cursor: held.number, position: held.position, parkedCases: parkedCases)
        failures = held.failures
        pausedUntil = held.pause.map { .now + $0 }
        heldUntil = .now + held.remaining
        mark = held.position
    }

    /// The right to deliver was renewed.
    func renew(until end: ContinuousClock.Instant) { heldUntil = end }

    /// Delivers until the task is cancelled, the subscription is not this process's any more, or its end is gone.
    func run() async throws {
        try await greet()
        try await withThrowingTaskGroup(of: Event.self) { group in
            wake(&group)
            try await advance(&group)
            while let event = try await group.next() {
                if Task.isCancelled { break }
                switch event {
                case .woken:
                    isFed = false
                    wake(&group)
                case .sent(let entries, let outcome): try await settle(entries, outcome)
                case .retried(let due, let outcome): try await settle(due, outcome)
                }
                if try await advance(&group) { break }
            }
            group.cancelAll()
        }
        _ = try await save()
    }

    /// Asks the end whether it wants what comes; one that does not answer yet is asked again after a pause.
    private func greet() async throws {
        while true {
            if let pausedUntil { try await Task.sleep(until: pausedUntil) }
            pausedUntil = nil
            do {
                let reply = try await tools.gate.send(tools.handshake.request(to: target), within: tools.limit)
                rate = try tools.handshake.grant(in: reply).rate
                return
            } catch {
                if Task.isCancelled { throw error }
                shut("\((error as? TargetRefusal)?.description ?? "it gave no answer to OPTIONS")", after: nil)
                guard try await save() else { throw CancellationError() }
            }
        }
    }

    /// Wakes the loop when the feed has grown, and at least twice a second.
    private func wake(_ group: inout ThrowingTaskGroup<Event, any Error>) {
        let (bell, above) = (tools.bell, max(window.position, head))
        // Who is not to send yet, or has enough to do, is not woken by what is new.
        let isBusy = pausedUntil.map { $0 > .now } ?? false || window.span >= Self.readAhead
        let earliest = readAt + Self.gathering
        group.addTask {
            if isBusy {
                try? await Task.sleep(for: .milliseconds(250))
            } else {
                await bell.wait(above: above, until: .now + .milliseconds(500))
                // The first comes at once; what comes close behind it is read together.
                if .now < earliest { try? await Task.sleep(until: earliest) }
            }
            return .woken
        }
    }

    /// Does what can be done now; true when delivery is over.
    @discardableResult
    private func advance(_ group: inout ThrowingTaskGroup<Event, any Error>) async throws -> Bool {
        if nextSave <= .now && isChanged || unsaved >= 256, try await !save() { return true }
        guard heldUntil - SubscriptionLease.margin > .now else { return true }
        if let pausedUntil, pausedUntil > .now { return false }
        let isProbing = failures > 0
        if !isFed, window.span < Self.readAhead { try await read() }
        // One that is there again may have nothing but parked entries to take.
        if nextRetry <= .now, !isProbing || !window.hasReady && underWay == 0 { try await retry(&group, most: isProbing ? 1 : nil) }
        let most = isProbing ? 1 : tools.concurrency
        let post = WebhookPost(target: target, form: form, secrets: secrets.counting(at: SystemTime.now))
        while underWay < most, window.hasReady, heldUntil - SubscriptionLease.margin > .now, mayBegin() {
            let size = window.cursor < singlyUpTo ? 1 : post.most
            let entries = window.take(size)
            guard !entries.isEmpty else { break }
            send(entries, post, &group)
        }
        return false
    }

    /// Whether there is something to write down.
    private var isChanged: Bool {
        unsaved > 0 || succeeded || saved != (window.cursor, window.position) || !window.changes.parked.isEmpty
            || !retried.delivered.isEmpty || !retried.refused.isEmpty
    }

    /// Whether the end's own limit allows another request in this minute.
    private func mayBegin() -> Bool {
        guard let rate else { return true }
        if .now - begun.minute >= .seconds(60) { begun = (.now, 0) }
        guard begun.requests < rate else { return false }
        begun.requests += 1
        return true
    }

    private func read() async throws {
        readAt = .now
        // A few pages at a time: what is parked has to be written down in between.
        for _ in 0..<4 where window.span < Self.readAhead && window.changes.parked.count < Self.readAhead {
            let page = try await reader.page(of: code, above: max(lastRead, window.position), number: window.last, limit: Self.readAhead)
            head = page.head
            for entry in page.entries {
                if entry.number <= skip { window.pass(entry) } else { window.add([entry], through: entry.position) }
            }
            window.add([], through: page.position)
            let isThrough = page.position >= page.head || page.position <= lastRead
            lastRead = max(lastRead, page.position)
            unsaved += page.entries.isEmpty ? 0 : 1
            if isThrough {
                isFed = true
                return
            }
        }
    }
    private var lastRead: Int64 = 0
    private var readAt = ContinuousClock.now - gathering
    /// Whether the feed was read to its end since it last rang: then no request that ends makes anybody read again.
    private var isFed = false
    /// How close to each other the feed is read at most.
    private static let gathering = Duration.milliseconds(20)

    private func send(_ entries: [NumberedEntry], _ post: WebhookPost, _ group: inout ThrowingTaskGroup<Event, any Error>) {
        underWay += 1
        let (tools, code) = (tools, code)
        group.addTask { .sent(entries, await Self.outcome(of: post.request(entries, of: code, at: SystemTime.now), tools)) }
    }

    private static func outcome(of request: WebhookRequest?, _ tools: Tools) async -> DeliveryOutcome {
        guard let request else { return .refused("it cannot be written as a request of this form") }
        do { return DeliveryOutcome(try await tools.gate.send(request, within: tools.limit), now: SystemTime.now) } catch {
            return .away((error as? TargetRefusal)?.description ?? "it gave no answer", after: nil)
        }
    }

    private func settle(_ entries: [NumberedEntry], _ outcome: DeliveryOutcome) async throws {
        underWay -= 1
        switch outcome {
        case .delivered:
            window.delivered(entries)
            succeed(entries.count)
        case .refused(let answer):
            if entries.count > 1 {
                singlyUpTo = max(singlyUpTo, entries.map(\.number).max() ?? 0)
                window.putBack(entries)
                lastAnswer = answer
            } else {
                refusals += 1
                lastAnswer = answer
                guard refusals < Self.mostRefusals else {
                    window.putBack(entries)
                    return shut(answer, after: nil)
                }
                window.refused(entries)
                unsaved += 1
                nextSave = .now
            }
        case .away(let answer, let pause):
            let first = entries.first?.number ?? 0
            tries[first, default: 0] += 1
            // One event that takes its end down again and again must not keep all others from it.
            if entries.count == 1, tries[first, default: 0] >= Self.mostTries {
                tries[first] = nil
                lastAnswer = answer
                window.refused(entries)
            } else {
                window.putBack(entries)
            }
            shut(answer, after: pause)
        case .gone: try await end()
        }
    }

    private func settle(_ due: ParkedEntries.Due, _ outcome: DeliveryOutcome) async throws {
        underWay -= 1
        switch outcome {
        case .delivered:
            retried.delivered.append(due)
            succeed(1)
            nextSave = .now
        case .refused(let answer):
            retried.refused.append((due, answer))
            unsaved += 1
        case .away(let answer, let pause):
            // It comes after a longer pause, so that the next probe is another.
            retried.refused.append((due, answer))
            shut(answer, after: pause)
        case .gone: try await end()
        }
    }

    private func succeed(_ count: Int) {
        tries = [:]
        (failures, refusals, succeeded) = (0, 0, true)
        lastAnswer = nil
        unsaved += count
    }

    /// Leaves the end alone for a while; requests that were under way together fail once.
    private func shut(_ answer: String, after pause: Duration?) {
        lastAnswer = answer
        if let pausedUntil, pausedUntil > .now {
            // One that asks for more time gets it.
            if let pause { self.pausedUntil = max(pausedUntil, .now + pause) }
            return
        }
        failures += 1
        refusals = 0
        let pause = max(pause ?? .zero, RetryPause.after(failures))
        pausedUntil = .now + pause
        unsaved += 1
        nextSave = .now
        let metadata: Logger.Metadata = .of([.reason: "\(code): \(answer)"])
        // Once for each time that it goes away.
        if failures == 1 { tools.logger.warning("a subscription's end is not there; it is tried again", metadata: metadata) }
    }

    private func end() async throws {
        _ = try await save()
        _ = try await tools.shelf.set(code, .ended, "its end answered 410 Gone")
        tools.logger.error("a subscription has ended: its end says that it is gone", metadata: .of([.reason: "\(code)"]))
        throw CancellationError()
    }

    /// Sends what was parked and whose time has come.
    private func retry(_ group: inout ThrowingTaskGroup<Event, any Error>, most: Int?) async throws {
        nextRetry = .now + .milliseconds(500)
        guard !window.parkedCases.isEmpty else { return }
        let room = min(most ?? .max, tools.concurrency - underWay)
        guard room > 0 else { return }
        let due = try await parked.due(limit: room + retrying.count).filter { !retrying.contains($0.entry.number) }.prefix(room)
        let post = WebhookPost(target: target, form: form, secrets: secrets.counting(at: SystemTime.now))
        let (tools, code) = (tools, code)
        for due in due where mayBegin() {
            underWay += 1
            retrying.insert(due.entry.number)
            group.addTask { .retried(due, await Self.outcome(of: post.request([due.entry], of: code, at: SystemTime.now), tools)) }
        }
        if !due.isEmpty { nextRetry = .now }
    }

    /// Writes down how far it came, what was parked, and what of that arrived; false when the subscription is not this process's any more.
    private func save() async throws -> Bool {
        nextSave = .now + .milliseconds(250)
        let changes = window.changes
        let (cursor, position) = (window.cursor, window.position)
        let (delivered, refused) = (retried.delivered, retried.refused)
        let pause = pausedUntil.map { max($0 - .now, .zero) / .seconds(1) }
        var statements: [SQL] = [
            """
            UPDATE subscriptions SET number = \(cursor), position = \(position), failures = \(Int32(failures)),
                retry_at = now() + make_interval(secs => \(pause)), last_answer = coalesce(\(lastAnswer), CASE WHEN \(failures > 0) THEN last_answer END),
                last_success_at = CASE WHEN \(succeeded) THEN now() ELSE last_success_at END
            WHERE code = \(code.text) AND holder = \(tools.lease.holder) AND epoch = \(epoch)
                AND phase = 'active'
            RETURNING code
            """
        ]
        if !changes.parked.isEmpty { statements.append(parked.parking(changes.parked, answer: lastAnswer ?? "it was refused")) }
        if !delivered.isEmpty { statements.append(parked.delivering(delivered.map(\.entry.number))) }
        if !refused.isEmpty { statements.append(parked.refusing(refused)) }
        if position - mark >= FeedReader.markEvery { statements.append(FeedReader.marking(code, position, cursor)) }
        let isHeld = try await tools.client.withTransaction { transaction -> Bool in
            guard try await !transaction.run(statements[0]).isEmpty else { return false }
            _ = try await transaction.commit(with: Array(statements.dropFirst()))
            return true
        }
        guard isHeld else { return false }
        if position - mark >= FeedReader.markEvery { mark = position }
        window.stored(changes)
        retried.delivered.removeFirst(delivered.count)
        retried.refused.removeFirst(refused.count)
        for due in delivered + refused.map(\.due) { retrying.remove(due.entry.number) }
        (unsaved, succeeded, saved) = (0, false, (cursor, position))
        if !delivered.isEmpty {
            let subjects = Array(Set(delivered.map(\.entry.subject)))
            let left = Set(
                try await tools.client.run(
                    "SELECT DISTINCT subject FROM feed_parked WHERE subscription = \(code.text) AND subject = ANY(\(subjects))"
                ).map { try $0.value(0, as: Subject.self) })
            window.released(subjects.filter { !left.contains($0) })
            nextRetry = .now
        }
        return true
    }
}
