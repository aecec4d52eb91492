import CaseFlow
import Logging
import Models
import Mustache
import Postgres
import ServiceKit

/// Delivers the notices that are owed to one audience over one carrier, and says how each ended.
///
/// New notices come straight from the tray. A notice read from the table is lent for a minute: a courier that dies returns it by doing
/// nothing. Delivery may repeat (delivered,
/// died, delivered again), always under the same identifier; its end is recorded once. A failed try comes again after a
/// growing, jittered pause; after 24, about half a day, the notice has failed.
public actor NoticeCourier {
    public typealias Worker = CaseWorker<NotificationProcess, PostgresStore<NotificationTables>>

    private struct Owed {
        var notice: Notice
        var attempts: Int
    }

    private let worker: Worker
    private let seal: SealKey
    private let carrier: any NoticeCarrier
    private let audience: NoticeAudience
    private let tray: NoticeTray
    private let logger: Logger
    private var editions: [String: CountyIndex] = [:]
    private var templates: [String: MustacheTemplate] = [:]
    private let batch = 256
    private let mostAttempts = 24

    public init(
        worker: Worker, seal: SealKey, carrier: any NoticeCarrier, audience: NoticeAudience, tray: NoticeTray, logger: Logger
    ) {
        self.worker = worker
        self.seal = seal
        self.carrier = carrier
        self.audience = audience
        self.tray = tray
        self.logger = logger
    }

    /// Delivers until the task is cancelled: new notices at once, and each second those that are due in the table.
    public func run() async {
        var pause = Pause()
        var nextSweep = ContinuousClock.now
        while !Task.isCancelled {
            do {
                let fresh = await tray.take(batch)
                try await deliver(fresh.map { Owed(notice: $0, attempts: 1) }, within: .seconds(5))
                if nextSweep <= .now, try await once() < batch { nextSweep = .now + .seconds(1) }
                pause.reset()
                if fresh.isEmpty { await tray.wait(until: nextSweep) }
            } catch {
                if Task.isCancelled { return }
                logger.warning("notices cannot be delivered now", metadata: ["reason": "\(error)"])
                await pause.wait()
            }
        }
    }

    /// Delivers up to 256 notices that are due in the table; says how many were.
    public func once() async throws -> Int {
        let owed = try await take()
        try await deliver(owed, within: .seconds(40))
        return owed.count
    }

    /// Delivers a batch; the limit, and the ten seconds that the last may take, lie within what each is lent for.
    private func deliver(_ owed: [Owed], within limit: Duration) async throws {
        if owed.isEmpty { return }
        var ended: [Request<NotificationProcess.Command>] = []
        // A carrier makes durable once for a batch, so it gets all together.
        var (written, letters): ([Owed], [NoticeLetter]) = ([], [])
        var unopened: [(owed: Owed, outcome: NoticeOutcome)] = []
        for entry in owed {
            do {
                letters.append(try await write(entry.notice))
                written.append(entry)
            } catch let error as SealError {
                // Another process may have the key that this one lacks, and this one gets it: the notice waits.
                unopened.append((entry, .waiting("the contact cannot be opened: \(error)")))
            } catch let error as NoticeError {
                ended.append(Self.end(of: entry, by: "none", failure: error.reason))
            }
        }
        if let first = unopened.first, case .waiting(let reason) = first.outcome {
            logger.error("notices wait for a seal key", metadata: ["notices": "\(unopened.count)", "reason": "\(reason)"])
            try await record(unopened, by: carrier.name, &ended)
        }
        if !letters.isEmpty {
            let outcomes = await carrier.deliver(letters, within: limit)
            try await record(zip(written, outcomes).map { ($0, $1) }, by: carrier.name, &ended)
        }
        for case .failure(let failure) in try await worker.perform(ended) {
            logger.error("the end of a notice cannot be recorded", metadata: ["reason": "\(failure)"])
        }
    }

    /// Borrows due notices for a minute.
    private func take() async throws -> [Owed] {
        let units = NoticeRecipient.unitPrefix + "%"
        let rows = try await worker.store.client.run(
            """
            UPDATE notices SET next_at = now() + interval '1 minute', attempts = attempts + 1
            WHERE id IN (
                SELECT id FROM notices WHERE phase = 'due' AND next_at <= now() AND (recipient LIKE \(units) OR \(audience != .units))
                    AND (recipient NOT LIKE \(units) OR \(audience != .petitioners))
                ORDER BY next_at LIMIT \(batch) FOR UPDATE SKIP LOCKED)
            RETURNING id, subject, template, recipient, fields, contact, county, attempts, created_at, hours
            """)
        return try rows.compactMap { row in
            guard let template = TemplateID(rawValue: try row.value(2)), let recipient = NoticeRecipient(try row.value(3, as: String.self))
            else {
                return nil
            }
            var notice = Notice(
                id: try row.value(0), subject: try row.value(1), template: template, recipient: recipient,
                time: try row.value(8), fields: try StateCoding.decode(row.value(4)),
                contact: try row.optional(5).map { SealedText(text: $0) },
                county: try row.value(6))
            notice.hours = try row.optional(9, as: String.self).flatMap { ReminderHours(rawValue: $0) }
            return Owed(notice: notice, attempts: try row.value(7))
        }
    }

    /// Fills the county's text with the notice's fields.
    private func write(_ notice: Notice) async throws -> NoticeLetter {
        let county = try await edition(notice.county)
        guard let template = county.template(notice.template, .zh) else {
            throw NoticeError(reason: "the county version \(notice.county) has no template \(notice.template.rawValue)")
        }
        var fields = notice.fields
        var contact: PetitionerContact?
        if let sealed = notice.contact {
            do throws(SealError) { contact = try seal.open(sealed) } catch  where error.isLackOfKey {
                throw error
            } catch {
                throw NoticeError(reason: "the contact cannot be opened: \(error)")
            }
            // The code opens the whole case, which is for those who speak for it.
            if notice.recipient.isOnRecord { fields[TemplateField.queryCode.rawValue] = contact?.code }
        }
        return NoticeLetter(
            id: notice.id, template: notice.template, recipient: notice.recipient, number: fields[TemplateField.caseNumber.rawValue] ?? "",
            name: contact?.name, phone: contact?.phone, subject: try render(template.subject, fields),
            body: try render(template.body, fields),
            date: county.calendar.offsets.date(at: notice.time))
    }

    private func render(_ text: String, _ fields: [String: String]) throws(NoticeError) -> String {
        if templates[text] == nil {
            // Plain text: nothing is escaped for HTML.
            do { templates[text] = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + text) } catch {
                throw NoticeError(reason: "a template of the county cannot be read: correct it and publish the county again")
            }
        }
        return templates[text]?.render(fields) ?? ""
    }

    private func edition(_ version: String) async throws -> CountyIndex {
        if let known = editions[version] { return known }
        guard let row = try await worker.store.client.run("SELECT definition FROM counties WHERE version = \(version) LIMIT 1").first else {
            throw NoticeError(reason: "the county version \(version) is not known here")
        }
        let index = try CountyIndex(CountyDefinition(canonicalJSON: row.value(0)))
        editions[version] = index
        return index
    }

    /// Writes down what became of a batch: what has ended and must be told goes into `ended`, the rest is stored here.
    private func record(
        _ results: [(owed: Owed, outcome: NoticeOutcome)], by carrier: String, _ ended: inout [Request<NotificationProcess.Command>]
    ) async throws {
        var delivered: [NoticeID] = []
        var later: [(id: NoticeID, pause: Double, answer: String, untried: Bool)] = []
        for (owed, outcome) in results {
            switch outcome {
            case .delivered where owed.notice.recipient.isOnRecord: ended.append(Self.end(of: owed, by: carrier, failure: nil))
            case .delivered: delivered.append(owed.notice.id)
            case .impossible(let answer): ended.append(Self.end(of: owed, by: carrier, failure: answer))
            case .later(let answer) where owed.attempts >= mostAttempts: ended.append(Self.end(of: owed, by: carrier, failure: answer))
            case .later(let answer): later.append((owed.notice.id, try await pause(owed), answer, false))
            case .untried(let answer): later.append((owed.notice.id, try await pause(owed), answer, true))
            case .waiting(let answer): later.append((owed.notice.id, try await pause(owed, 300), answer, true))
            }
        }
        var statements: [SQL] = []
        if !delivered.isEmpty {
            statements.append(
                "UPDATE notices SET phase = 'delivered', last_answer = 'delivered' WHERE phase = 'due' AND id = ANY(\(delivered))")
        }
        if !later.isEmpty {
            statements.append(
                """
                UPDATE notices n SET next_at = now() + make_interval(secs => u.pause), last_answer = u.answer,
                    attempts = n.attempts - CASE WHEN u.untried THEN 1 ELSE 0 END
                FROM unnest(\(later.map(\.id)), \(later.map(\.pause)), \(later.map(\.answer)), \(later.map(\.untried)))
                    AS u(id, pause, answer, untried)
                WHERE n.id = u.id AND n.phase = 'due'
                """)
        }
        if !statements.isEmpty { try await worker.store.client.run(statements) }
    }

    /// How many seconds pass before another try, which waits for its hours as the first one did.
    private func pause(_ owed: Owed, _ seconds: Double? = nil) async throws -> Double {
        let pause = (seconds ?? Double(min(3600, 1 << min(owed.attempts, 12)))) * Double.random(in: 0.75...1.25)
        guard let hours = owed.notice.hours, let county = try await worker.store.book(with: []).current?.index else { return pause }
        let now = SystemTime.now
        return (hours.release(of: now + .milliseconds(Int64(pause * 1000)), in: county) - now) / .seconds(1)
    }

    private static func end(of owed: Owed, by carrier: String, failure: String?) -> Request<NotificationProcess.Command> {
        Request(
            subject: owed.notice.subject,
            command: .settle(
                .init(
                    notice: owed.notice.id, template: owed.notice.template.rawValue, recipient: owed.notice.recipient, by: carrier,
                    attempts: owed.attempts, failure: failure)))
    }
}

/// Why a notice can never be written.
struct NoticeError: Error {
    let reason: String
}
