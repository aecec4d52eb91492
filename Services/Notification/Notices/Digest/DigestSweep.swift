import CaseFlow
import Crypto
import Logging
import Models
import Mustache
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
            let language = person.language(in: county)
            try await lines.gather(person, into: id, way: routes.first(to: person)) { lines in
                Notice(
                    id: id, subject: .county, template: .digest, recipient: person, time: now,
                    fields: [
                        TemplateField.county.rawValue: county.definition.name[language], TemplateField.day.rawValue: date.description,
                        TemplateField.count.rawValue: "\(lines.count)",
                        TemplateField.lines.rawValue: lines.map { "- " + Self.words(of: $0, language, county) }.joined(separator: "\n"),
                    ], county: county.version)
            }
        }
        return people.count
    }

    /// A line in the words of its template's subject; the number of its case when the county has none any more.
    private static func words(of line: DigestLines.Line, _ language: Language, _ county: CountyIndex) -> String {
        let (number, title) = (line.fields[TemplateField.caseNumber.rawValue] ?? "", line.fields[TemplateField.title.rawValue] ?? "")
        guard let template = county.template(line.template, language),
            let words = try? MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + template.subject).render(line.fields)
        else { return "\(number) \(title)" }
        return words.contains(title) ? words : "\(words) \(title)"
    }
}
