import CaseFlow
import Crypto
import Logging
import Models
import ServiceKit

/// Gives each leader one notice on a working day, at the county's hour, of what has happened since the last one.
struct DigestSweep: Sendable {
    let store: PostgresStore<NotificationTables>
    let routes: NoticeRoutes
    let logger: Logger

    /// When nothing else is said: at the end of the working day.
    static let usualTime = 17 * 3600

    /// Each minute, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { _ = try await once(at: SystemTime.now) } catch {
                if Task.isCancelled { return }
                logger.warning("digests cannot be made now", metadata: .of([.reason: "\(error)"]))
            }
            try? await Task.sleep(for: .seconds(60))
        }
    }

    /// Makes the digests that are due; says for how many people there were lines.
    func once(at now: Instant) async throws -> Int {
        guard let county = try await store.book(with: []).current?.index else { return 0 }
        let (offsets, date) = (county.calendar.offsets, county.calendar.offsets.date(at: now))
        let time = Duration.seconds(county.definition.digestAt ?? Self.usualTime)
        guard county.calendar.isWorkingDay(date), offsets.timeOfDay(at: now) >= time else { return 0 }
        let lines = DigestLines(client: store.client)
        let people = try await lines.people()
        for person in people {
            let id = NoticeID(.version8(digest: SHA256.hash(data: Array("digest \(person) \(date)".utf8))))
            try await lines.gather(
                person,
                in: Notice(
                    id: id, subject: .county, template: .digest, recipient: person, time: now,
                    fields: [TemplateField.day.rawValue: date.description], county: county.version),
                way: routes.first(to: person))
        }
        try await lines.forget()
        return people.count
    }
}
