import CaseFlow
import Logging
import Metrics
import Models
import Postgres
import ServiceKit

/// Delivers the notices that one way has, and says how each ended.
///
/// Each way has a courier, a tray and a circuit breaker of its own, so that an endpoint that is dead or slow holds up nobody else's.
/// New notices come straight from the tray. A notice in hand is lent to the process for a while; when that one dies, another takes it over
/// within seconds (`CourierPulse`). A courier that only misses the database keeps what became of a batch until it is back, as long as the
/// notices are lent. Delivery may repeat (delivered, died, delivered again), always under the same identifier; its end is recorded once. A
/// failed try comes again after a growing, jittered pause; after 24, about half a day, or when the endpoint refuses it for good, or does not reach
/// its recipient, the notice goes to the recipient's next way, and after the last one it has failed. While the endpoint cannot be used,
/// its notices wait and lose no try; those that have waited too long, in an emergency five minutes, go to the next way, if there is one.
public actor NoticeCourier {
    public typealias Worker = CaseWorker<NotificationProcess, PostgresStore<NotificationTables>>
    typealias Owed = NoticeBook.Owed

    private let worker: Worker
    private let carrier: any NoticeCarrier
    private let routes: NoticeRoutes
    /// Of every way, by its name.
    private let trays: [String: NoticeTray]
    private let logger: Logger
    private let writer: NoticeWriter
    private let record: NoticeBook
    /// Nil where nobody else delivers.
    private let pulse: CourierPulse?
    private let openness: Gauge
    private var breaker = CircuitBreaker()
    private let mostAttempts = 24
    /// Whoever runs it wants it to end: what cannot be written down now is left to the next courier.
    private var isEnding = false

    init(
        worker: Worker, seal: SealKey, carrier: any NoticeCarrier, routes: NoticeRoutes, trays: [String: NoticeTray], logger: Logger,
        pulse: CourierPulse? = nil
    ) {
        self.worker = worker
        self.carrier = carrier
        self.routes = routes
        self.trays = trays
        self.logger = logger
        writer = NoticeWriter(store: worker.store, seal: seal, channel: carrier.channel)
        self.pulse = pulse
        record = NoticeBook(client: worker.store.client, courier: pulse?.id)
        openness = Gauge(label: "huiyin_notice_way_down", dimensions: [("way", carrier.name)])
    }

    /// Delivers until the task is cancelled: new notices at once, and each second those that are due in the table.
    public func run() async {
        guard let tray = trays[carrier.name] else { return }
        var pause = Pause()
        var nextSweep = ContinuousClock.now
        openness.record(0)
        while !Task.isCancelled {
            do {
                if let pulse, await !pulse.isFresh {
                    try await Task.sleep(for: .milliseconds(100))
                    continue
                }
                try await keepLoans(of: tray)
                // Read before anything is taken: without it nothing is, and all stays where others find it.
                let county = try await county()
                let fresh = await tray.take(carrier.batch)
                // Of what they are lent for they have waited for at most fifteen seconds.
                try await deliver(fresh, in: county, within: .seconds(5), writtenBy: .now + .seconds(25))
                if nextSweep <= .now, try await once() < carrier.batch { nextSweep = .now + .seconds(1) }
                pause.reset()
                if fresh.isEmpty { await tray.wait(until: nextSweep) }
            } catch {
                if Task.isCancelled { return }
                pulse?.stumble()
                logger.warning("notices cannot be delivered now", metadata: .of([.part: "\(carrier.name)", .reason: "\(error)"]))
                await pause.wait()
            }
        }
    }

    /// Asks for more time for what waits long in the tray, and gives back what it has no room for, so that both are delivered as soon as
    /// can be.
    private func keepLoans(of tray: NoticeTray) async throws {
        let aged = await tray.aging()
        let asked = ContinuousClock.now
        if !aged.isEmpty { await tray.keep(try await record.renew(aged, of: carrier.name), of: aged, asked: asked) }
        let excess = await tray.takeExcess()
        if excess.isEmpty { return }
        do { try await record.giveBack(excess, of: carrier.name) } catch {
            await tray.keepExcess(excess)
            throw error
        }
    }

    /// Delivers a batch of notices that are due in the table; says how many were.
    public func once() async throws -> Int {
        let county = try await county()
        let (owed, unreadable) = try await record.take(carrier.batch, of: carrier.name)
        if unreadable > 0 {
            logger.error("notices cannot be read by this version; they wait", metadata: .of([.count: "\(unreadable)"]))
        }
        try await deliver(owed, in: county, within: .seconds(40), writtenBy: .now + .seconds(65))
        return owed.count + unreadable
    }

    /// The county in force, once for a batch; nil before the first.
    private func county() async throws -> CountyIndex? { try await worker.store.book(with: []).current?.index }

    /// Delivers a batch; the limit, and the twenty seconds that the last may take, lie within what each is lent for.
    ///
    /// - Parameter end: Until when a database that is away is waited for, to write down what became of it.
    private func deliver(
        _ owed: [Owed], in county: CountyIndex?, within limit: Duration, writtenBy end: ContinuousClock.Instant
    ) async throws {
        if owed.isEmpty { return }
        pulse?.hold(owed.map(\.notice.id), of: carrier.name)
        defer { pulse?.hold([], of: carrier.name) }
        var results: [(owed: Owed, outcome: NoticeOutcome)] = []
        // A carrier makes durable once for a batch, so it gets all together.
        var (written, letters): ([Owed], [NoticeLetter]) = ([], [])
        var report = Report()
        let now = SystemTime.now
        for entry in owed {
            // It may have become due in its hours and be taken after them, or an operator hurries it.
            if let hours = entry.notice.hours, let county, hours.release(of: now, in: county) > now {
                results.append((entry, .early))
                continue
            }
            do {
                let letter = try await writer.write(entry.notice, current: county)
                if let obstacle = carrier.obstacle(to: letter) {
                    report.pass(entry, on: obstacle, from: carrier.name, routes, isTry: false)
                } else {
                    letters.append(letter)
                    written.append(entry)
                }
            } catch let error as SealError {
                // Another process may have the key that this one lacks, and this one gets it: the notice waits.
                results.append((entry, .waiting("the contact cannot be opened: \(error)")))
            } catch let error as NoticeError {
                if error.isForbidden {
                    report.withdrawn.append((entry.notice.id, error.reason))
                } else {
                    report.ended.append((entry, error.reason))
                }
            } catch  where !(error is PostgresError || error is CancellationError) {
                // What lies in it, or in its case, is of another version or damaged: that is this one's trouble alone.
                results.append((entry, .waiting("it cannot be written: \(type(of: error))")))
            }
        }
        let unwritten = results.compactMap { if case .waiting(let reason) = $0.outcome { reason } else { nil } }
        if let reason = unwritten.first {
            logger.error("notices cannot be written now; they wait", metadata: .of([.count: "\(unwritten.count)", .reason: "\(reason)"]))
        }
        results += zip(written, await carry(letters, within: limit)).map { ($0, $1) }
        let (all, begun) = (results, report)
        // What has gone out is written down, also when the service stops meanwhile.
        let writing = Task { try await finish(all, begun, by: end) }
        try await withTaskCancellationHandler {
            try await writing.value
        } onCancel: {
            Task { await self.hurry() }
        }
    }

    private func hurry() { isEnding = true }

    private func finish(_ results: [(owed: Owed, outcome: NoticeOutcome)], _ begun: Report, by end: ContinuousClock.Instant) async throws {
        let report = try await insist(by: end) { _ in
            var report = begun
            try await note(results, in: &report)
            return report
        }
        try await file(report, by: end)
    }

    /// Does what needs the database, and does it again while that is away, until `end`; the work is told whether it was tried before.
    private func insist<R>(by end: ContinuousClock.Instant, _ work: (_ again: Bool) async throws -> R) async throws -> R {
        var pause = Pause()
        var isAgain = false
        while true {
            do { return try await work(isAgain) } catch  where Self.mayPass(error) && .now < end && !isEnding {
                if !isAgain {
                    logger.warning(
                        "what became of notices cannot be written down now; it is kept",
                        metadata: .of([.part: "\(carrier.name)", .reason: "\(error)"]))
                }
                isAgain = true
                await pause.wait()
            }
        }
    }

    private static func mayPass(_ error: any Error) -> Bool {
        (error as? PostgresError)?.isRetryable ?? (error as? StoreFailure)?.isRetryable ?? false
    }

    /// Gives letters to the carrier, as many as the circuit breaker lets through.
    private func carry(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        if letters.isEmpty { return [] }
        let rest = NoticeOutcome.untried("it was not tried: \(carrier.name) has failed several times in a row and has a rest")
        var outcomes: [NoticeOutcome] = []
        switch breaker.permission(at: .now) {
        case .none: return letters.map { _ in rest }
        case .all: outcomes = await carrier.deliver(letters, within: limit)
        case .one:
            let end = ContinuousClock.now + limit
            outcomes = await carrier.deliver(Array(letters.prefix(1)), within: limit)
            heed(outcomes)
            let others = Array(letters.dropFirst())
            if breaker.isOpen { return outcomes + others.map { _ in rest } }
            let more = await carrier.deliver(others, within: max(.zero, end - .now))
            heed(more)
            return outcomes + more
        }
        heed(outcomes)
        return outcomes
    }

    private func heed(_ outcomes: [NoticeOutcome]) {
        switch breaker.heard(outcomes, at: .now) {
        case .opened(let rest)?:
            openness.record(1)
            let reason = outcomes.last { $0.isAnswer == false }?.answer ?? ""
            logger.error(
                "a way for notices is down; its notices wait",
                metadata: .of([.part: "\(carrier.name)", .reason: "\(reason)", .delay: "\(rest)"]))
        case .closed?:
            openness.record(0)
            logger.notice("a way for notices works again", metadata: .of([.part: "\(carrier.name)"]))
        case nil: break
        }
    }

    /// What is to be written down of a batch.
    private struct Report {
        var delivered: [NoticeID] = []
        /// What its recipient may know no more.
        var withdrawn: [(notice: NoticeID, answer: String)] = []
        var returned: [NoticeBook.Return] = []
        var moved: [(owed: Owed, way: String, answer: String)] = []
        var attempts: [NoticeBook.Attempt] = []
        /// What must be told: its end, with the reason of a failure.
        var ended: [(owed: Owed, failure: String?)] = []

        /// Whether all of it is deliveries, some of which are told.
        var isSmooth: Bool {
            !ended.isEmpty && withdrawn.isEmpty && returned.isEmpty && moved.isEmpty && attempts.count == delivered.count
        }

        /// The deliveries that are not told, which went by `way`.
        func deliveries(by way: String) -> [NotificationEffect] {
            attempts.map {
                .delivered(NoticeEnd(notice: $0.owed.notice.id, subject: $0.owed.notice.subject, way: way, attempt: $0.owed.attempts))
            }
        }

        mutating func deliver(_ owed: Owed) {
            attempts.append(.init(owed: owed, answer: "delivered", pause: nil))
            delivered.append(owed.notice.id)
        }

        /// Gives a notice to the next way, or ends it when there is none.
        mutating func pass(_ owed: Owed, on answer: String, from way: String, _ routes: NoticeRoutes, isTry: Bool) {
            let next = routes.next(after: way, to: owed.notice.recipient)
            if isTry { attempts.append(.init(owed: owed, answer: answer, pause: next.map { _ in 0 })) }
            if let next { moved.append((owed, next, answer)) } else { ended.append((owed, answer)) }
        }
    }

    /// Sorts what became of tries.
    private func note(_ results: [(owed: Owed, outcome: NoticeOutcome)], in report: inout Report) async throws {
        for (owed, outcome) in results {
            switch outcome {
            case .delivered:
                // What the ledger is told of is written down with that.
                if owed.notice.recipient.isOnRecord { report.ended.append((owed, nil)) } else { report.deliver(owed) }
            case .impossible(let answer): report.pass(owed, on: answer, from: carrier.name, routes, isTry: true)
            case .later(let answer), .dropped(let answer), .down(let answer, _):
                // What meets it alone while others get through is its own trouble.
                let isFree = if case .down = outcome { breaker.isOpen } else { false }
                // Whatever keeps an emergency, it leaves in time.
                let leaves = (breaker.isOpen || owed.notice.isUrgent) && hasWaited(owed)
                if leaves || !isFree && owed.attempts >= mostAttempts {
                    report.pass(owed, on: answer, from: carrier.name, routes, isTry: true)
                    continue
                }
                let pause = try await pause(owed, isFree ? rest : nil)
                report.attempts.append(.init(owed: owed, answer: answer, pause: pause.seconds))
                report.returned.append(.init(owed, pause, answer, isFree: isFree))
            case .untried(let answer) where hasWaited(owed): report.pass(owed, on: answer, from: carrier.name, routes, isTry: false)
            case .untried(let answer):
                report.returned.append(.init(owed, try await pause(owed, rest), answer, isFree: true))
            case .early: report.returned.append(.init(owed, try await pause(owed, 0), outcome.answer, isFree: true))
            case .waiting(let answer):
                report.returned.append(.init(owed, try await pause(owed, 300), answer, isFree: true))
            }
        }
    }

    /// Writes a report down, tells what must be told, and hands over what goes on by another way.
    private func file(_ report: Report, by end: ContinuousClock.Instant) async throws {
        // What the ledger is told of is written down with that; where all went well the rest goes along in the same commit.
        let isSmooth = report.isSmooth
        if !isSmooth { try await insist(by: end) { again in try await write(report, again: again) } }
        for (way, moved) in Dictionary(grouping: report.moved, by: \.way) {
            await trays[way]?.add(moved.map { Owed(notice: $0.owed.notice, attempts: 1, again: $0.owed.again) })
        }
        if report.ended.isEmpty { return }
        // What is of no case has no ledger to tell.
        let ofCases = report.ended.filter { $0.owed.notice.template != .digest }
        var untold = report.ended.filter { $0.owed.notice.template == .digest }
        var unrecorded: [(owed: Owed, failure: String?)] = []
        let requests = ofCases.map { self.end(of: $0.owed, failure: $0.failure) }
        let results: [Result<Answer, StoreFailure>]
        do {
            results = try await insist(by: end) { again in
                // It may be written down already.
                if isSmooth, again { try await write(report, again: true) }
                return try await worker.perform(requests, storing: isSmooth && !again ? report.deliveries(by: carrier.name) : [])
            }
        } catch {
            // What stands in the way of a case that must be told is no reason to deliver anew what need not be.
            if isSmooth { try? await write(report, again: true) }
            throw error
        }
        for (result, ended) in zip(results, ofCases) {
            switch result {
            case .success(.done([])): break
            case .success: untold.append(ended)
            case .failure(let failure):
                unrecorded.append(ended)
                logger.error("the end of a notice cannot be recorded", metadata: .of([.reason: "\(failure)"]))
            }
        }
        if untold.isEmpty, unrecorded.isEmpty { return }
        // Nothing was told of these, so nothing was written down with it.
        let (ends, tries) = (
            untold.map { (notice: $0.owed.notice.id, failure: $0.failure) },
            (untold + unrecorded).filter { $0.failure == nil }.map { NoticeBook.Attempt(owed: $0.owed, answer: "delivered", pause: nil) }
        )
        try await insist(by: end) { _ in try await record.end(ends, attempts: tries, of: carrier.name) }
    }

    private func write(_ report: Report, again: Bool) async throws {
        try await record.write(
            delivered: report.delivered, withdrawn: report.withdrawn, returned: report.returned,
            moved: report.moved.map { ($0.owed.notice.id, $0.way, $0.answer) },
            attempts: report.attempts, of: carrier.name, again: again)
    }

    /// Whether a notice has waited long enough for a way that is down, or has more than it can carry, and there is another.
    private func hasWaited(_ owed: Owed) -> Bool { left(of: owed).map { $0 <= .zero } ?? false }

    /// How much longer a notice waits for this way; nil when there is no other.
    private func left(of owed: Owed) -> Duration? {
        if routes.next(after: carrier.name, to: owed.notice.recipient) == nil { return nil }
        return (owed.notice.isUrgent ? .seconds(300) : .seconds(43_200)) - owed.waited
    }

    /// Seconds until the endpoint's rest is over, or a moment when it has none.
    private var rest: Double {
        guard case .none(let until) = breaker.permission(at: .now) else { return 1 }
        return max(1, (until - .now) / .seconds(1))
    }

    /// How long to wait before another try, which waits for its hours as the first one did; no longer than until it leaves this way.
    private func pause(_ owed: Owed, _ seconds: Double? = nil) async throws -> NoticeBook.Pause {
        let growing = Double(min(owed.notice.isUrgent ? 60 : 3600, 1 << min(owed.attempts, 12)))
        var pause = (seconds ?? growing) * Double.random(in: 0.75...1.25)
        if let left = left(of: owed), left > .zero { pause = min(pause, left / .seconds(1) + 1) }
        guard let hours = owed.notice.hours, let county = try await worker.store.recentBook().current?.index else {
            return .init(seconds: pause)
        }
        let now = SystemTime.now
        let released = (hours.release(of: now + .milliseconds(Int64(pause * 1000)), in: county) - now) / .seconds(1)
        return .init(seconds: max(pause, released), isForHours: released > pause + 1)
    }

    private func end(of owed: Owed, failure: String?) -> Request<NotificationProcess.Command> {
        Request(
            subject: owed.notice.subject,
            command: .settle(
                .init(
                    notice: owed.notice.id, template: owed.notice.template.rawValue, recipient: owed.notice.recipient, by: carrier.name,
                    attempts: owed.attempts, failure: failure, again: owed.again)))
    }
}
