import CaseFlow
import Logging
import Metrics
import Models
import Postgres
import ServiceKit

/// Delivers the notices that one way has, and says how each ended.
///
/// Each way has a courier, a tray and a circuit breaker of its own, so that an endpoint that is dead or slow holds up nobody else's.
/// New notices come straight from the tray. A notice read from the table is lent for a while: a courier that dies returns it by doing
/// nothing. Delivery may repeat (delivered, died, delivered again), always under the same identifier; its end is recorded once. A failed
/// try comes again after a growing, jittered pause; after 24, about half a day, or when the endpoint refuses it for good, or does not reach
/// its recipient, the notice goes to the recipient's next way, and after the last one it has failed. While the endpoint cannot be used,
/// its notices wait and lose no try.
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
    private let openness: Gauge
    private var breaker = CircuitBreaker()
    private let mostAttempts = 24

    public init(
        worker: Worker, seal: SealKey, carrier: any NoticeCarrier, routes: NoticeRoutes, trays: [String: NoticeTray], logger: Logger
    ) {
        self.worker = worker
        self.carrier = carrier
        self.routes = routes
        self.trays = trays
        self.logger = logger
        writer = NoticeWriter(store: worker.store, seal: seal, channel: carrier.channel)
        record = NoticeBook(client: worker.store.client)
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
                let fresh = await tray.take(carrier.batch)
                try await deliver(fresh.map { Owed(notice: $0, attempts: 1) }, within: .seconds(5))
                if nextSweep <= .now, try await once() < carrier.batch { nextSweep = .now + .seconds(1) }
                pause.reset()
                if fresh.isEmpty { await tray.wait(until: nextSweep) }
            } catch {
                if Task.isCancelled { return }
                logger.warning("notices cannot be delivered now", metadata: .of([.part: "\(carrier.name)", .reason: "\(error)"]))
                await pause.wait()
            }
        }
    }

    /// Delivers a batch of notices that are due in the table; says how many were.
    public func once() async throws -> Int {
        let owed = try await record.take(carrier.batch, of: carrier.name)
        try await deliver(owed, within: .seconds(40))
        return owed.count
    }

    /// Delivers a batch; the limit, and the twenty seconds that the last may take, lie within what each is lent for.
    private func deliver(_ owed: [Owed], within limit: Duration) async throws {
        if owed.isEmpty { return }
        var results: [(owed: Owed, outcome: NoticeOutcome)] = []
        // A carrier makes durable once for a batch, so it gets all together.
        var (written, letters): ([Owed], [NoticeLetter]) = ([], [])
        var report = Report()
        let county = owed.contains { $0.notice.hours != nil } ? try await worker.store.book(with: []).current?.index : nil
        let now = SystemTime.now
        for entry in owed {
            // It may have become due in its hours and be taken after them, or an operator hurries it.
            if let hours = entry.notice.hours, let county, hours.release(of: now, in: county) > now {
                results.append((entry, .untried("it waits for the hours in which it may go out")))
                continue
            }
            do {
                let letter = try await writer.write(entry.notice)
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
                report.ended.append((entry, error.reason))
            }
        }
        let sealed = results.compactMap { if case .waiting(let reason) = $0.outcome { reason } else { nil } }
        if let reason = sealed.first {
            logger.error("notices wait for a seal key", metadata: .of([.count: "\(sealed.count)", .reason: "\(reason)"]))
        }
        results += zip(written, await carry(letters, within: limit)).map { ($0, $1) }
        try await note(results, in: &report)
        try await file(report)
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
            outcomes = await carrier.deliver(Array(letters.prefix(1)), within: limit)
            heed(outcomes)
            let others = Array(letters.dropFirst())
            if breaker.isOpen { return outcomes + others.map { _ in rest } }
            let more = await carrier.deliver(others, within: limit)
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
        var returned: [NoticeBook.Return] = []
        var moved: [(owed: Owed, way: String, answer: String)] = []
        var attempts: [NoticeBook.Attempt] = []
        /// What must be told: its end, with the reason of a failure.
        var ended: [(owed: Owed, failure: String?)] = []

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
                report.attempts.append(.init(owed: owed, answer: "delivered", pause: nil))
                if owed.notice.recipient.isOnRecord { report.ended.append((owed, nil)) } else { report.delivered.append(owed.notice.id) }
            case .impossible(let answer): report.pass(owed, on: answer, from: carrier.name, routes, isTry: true)
            case .later(let answer) where owed.attempts >= mostAttempts, .dropped(let answer) where owed.attempts >= mostAttempts:
                report.pass(owed, on: answer, from: carrier.name, routes, isTry: true)
            case .later(let answer), .dropped(let answer), .down(let answer):
                let isFree = if case .down = outcome { true } else { false }
                let pause = try await pause(owed)
                report.attempts.append(.init(owed: owed, answer: answer, pause: pause))
                report.returned.append(.init(notice: owed.notice.id, pause: pause, answer: answer, isFree: isFree))
            case .untried(let answer):
                report.returned.append(.init(notice: owed.notice.id, pause: try await pause(owed, rest), answer: answer, isFree: true))
            case .waiting(let answer):
                report.returned.append(.init(notice: owed.notice.id, pause: try await pause(owed, 300), answer: answer, isFree: true))
            }
        }
    }

    /// Writes a report down, tells what must be told, and hands over what goes on by another way.
    private func file(_ report: Report) async throws {
        try await record.write(
            delivered: report.delivered, returned: report.returned, moved: report.moved.map { ($0.owed.notice.id, $0.way, $0.answer) },
            attempts: report.attempts, of: carrier.name)
        for (way, moved) in Dictionary(grouping: report.moved, by: \.way) { await trays[way]?.add(moved.map(\.owed.notice)) }
        if report.ended.isEmpty { return }
        // What is of no case has no ledger to tell.
        let ofCases = report.ended.filter { $0.owed.notice.template != .digest }
        var recorded = report.ended.filter { $0.owed.notice.template == .digest }.map { (notice: $0.owed.notice.id, failure: $0.failure) }
        let requests = ofCases.map { end(of: $0.owed, failure: $0.failure) }
        for (result, ended) in zip(try await worker.perform(requests), ofCases) {
            switch result {
            case .success: recorded.append((ended.owed.notice.id, ended.failure))
            case .failure(let failure):
                logger.error("the end of a notice cannot be recorded", metadata: .of([.reason: "\(failure)"]))
            }
        }
        if !recorded.isEmpty { try await record.end(recorded) }
    }

    /// Seconds until the endpoint's rest is over, or a moment when it has none.
    private var rest: Double {
        guard case .none(let until) = breaker.permission(at: .now) else { return 1 }
        return max(1, (until - .now) / .seconds(1))
    }

    /// How many seconds pass before another try, which waits for its hours as the first one did.
    private func pause(_ owed: Owed, _ seconds: Double? = nil) async throws -> Double {
        let pause = (seconds ?? Double(min(3600, 1 << min(owed.attempts, 12)))) * Double.random(in: 0.75...1.25)
        guard let hours = owed.notice.hours, let county = try await worker.store.book(with: []).current?.index else { return pause }
        let now = SystemTime.now
        return (hours.release(of: now + .milliseconds(Int64(pause * 1000)), in: county) - now) / .seconds(1)
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
