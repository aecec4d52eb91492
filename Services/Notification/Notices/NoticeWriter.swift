import CaseFlow
import Models
import Mustache
import Postgres

/// Writes notices: the county's text with the notice's fields, and the recipient's addresses.
actor NoticeWriter {
    private let store: PostgresStore<NotificationTables>
    private let seal: SealKey
    private let channel: NoticeChannel
    private var editions: [String: CountyIndex] = [:]
    private var templates: [String: MustacheTemplate] = [:]

    init(store: PostgresStore<NotificationTables>, seal: SealKey, channel: NoticeChannel) {
        self.store = store
        self.seal = seal
        self.channel = channel
    }

    /// Who a notice is for, as it can be written to them.
    private struct Reader {
        var name: String?
        var phone: String?
        var email: String?
        var address: String?
        var code: String?
        var language = Language.zh
    }

    /// Fills the county's text for the way's channel; throws `NoticeError` when that can never be done, and `SealError` for lack of a key.
    ///
    /// - Parameter current: The county in force, which whoever writes many asks for once; nil before the first.
    func write(_ notice: Notice, current: CountyIndex?) async throws -> NoticeLetter {
        let county = try await edition(notice.county)
        let current = current ?? county
        let reader = try await reader(of: notice, in: county, current: current)
        guard let template = county.template(notice.template, reader.language, channel) else {
            throw NoticeError(reason: "the county version \(notice.county) has no template \(notice.template.rawValue)")
        }
        var fields = notice.fields
        // Words that stand there already are of a version that wrote them beforehand.
        if notice.template == .digest, fields[TemplateField.lines.rawValue] == nil {
            fields.merge(try await digest(notice, reader.language, current)) { $1 }
        }
        // The code opens the whole case, which is for those who speak for it.
        if notice.recipient.isOnRecord { fields[TemplateField.queryCode.rawValue] = reader.code }
        return NoticeLetter(
            id: notice.id, template: notice.template, recipient: notice.recipient, number: fields[TemplateField.caseNumber.rawValue] ?? "",
            name: reader.name, phone: reader.phone, email: reader.email, address: reader.address,
            subject: try render(template.subject, fields), body: try render(template.body, fields),
            date: county.calendar.offsets.date(at: notice.time), time: notice.time, county: county.definition.name[template.language],
            language: template.language)
    }

    /// A petitioner as they registered, or an office as the county in force knows it: addresses change faster than cases end.
    private func reader(of notice: Notice, in county: CountyIndex, current: CountyIndex) async throws -> Reader {
        if !notice.recipient.isPetitioner {
            let language = notice.recipient.language(in: current)
            if case .person(let code) = notice.recipient {
                if notice.template == .heating {
                    guard current.leaders.contains(where: { $0.member.person == code }) else {
                        throw NoticeError(reason: "the recipient is no leader of the county any more", isForbidden: true)
                    }
                } else if notice.template != .digest {
                    // Of a digest each line is judged by itself.
                    let state = try await states(of: [notice.subject])[notice.subject]
                    guard let state, try await mayKnow(code, of: state, current) else {
                        throw NoticeError(reason: "the recipient may not know of the case any more", isForbidden: true)
                    }
                }
                let member = current.member(code)
                return Reader(phone: member?.phone, email: member?.email, language: language)
            }
            guard case .unit(let code) = notice.recipient, let unit = current.unit(code) ?? county.unit(code) else { return Reader() }
            return Reader(name: unit.name[language], phone: unit.phone, email: unit.email, language: language)
        }
        guard let sealed = notice.contact else { return Reader() }
        do throws(SealError) {
            let contact: PetitionerContact = try seal.open(sealed)
            return Reader(
                name: contact.name, phone: contact.phone, email: contact.email, address: contact.address, code: contact.code)
        } catch  where error.isLackOfKey {
            throw error
        } catch {
            throw NoticeError(reason: "the contact cannot be opened: \(error)")
        }
    }

    /// What a digest says: a line for each occasion of which its recipient may still know, in the words of that template's subject.
    private func digest(_ notice: Notice, _ language: Language, _ current: CountyIndex) async throws -> [String: String] {
        guard case .person(let person) = notice.recipient else { return [:] }
        let lines = try await DigestLines(client: store.client).lines(of: notice.id)
        let states = try await states(of: Array(Set(lines.map(\.subject))))
        var words: [String] = []
        for line in lines {
            guard let state = states[line.subject], try await mayKnow(person, of: state, current) else { continue }
            let (number, title) = (line.fields[TemplateField.caseNumber.rawValue] ?? "", line.fields[TemplateField.title.rawValue] ?? "")
            let text = try current.template(line.template, language).map { try render($0.subject, line.fields) } ?? number
            words.append("- " + (text.contains(title) ? text : "\(text) \(title)"))
        }
        if words.isEmpty { throw NoticeError(reason: "there is nothing in it that the recipient may know of any more", isForbidden: true) }
        return [
            TemplateField.county.rawValue: current.definition.name[language], TemplateField.count.rawValue: "\(words.count)",
            TemplateField.lines.rawValue: words.joined(separator: "\n"),
        ]
    }

    /// Whether a member of the staff may know of a case now: they may have withdrawn from it, or act for another unit than when the notice
    /// was made.
    ///
    /// Whoever acts for a unit that must stay out of it stays out, whatever else they act for (Articles 28, 30 and 46).
    private func mayKnow(_ person: PersonCode, of state: NotificationState, _ current: CountyIndex) async throws -> Bool {
        let county = try await edition(state.county)
        let acting = current.definition.units.flatMap { unit in
            (unit.members ?? []).filter { $0.person == person }.map { ActingPerson(role: $0.role, unit: unit.code, person: person) }
        }
        return acting.contains { state.life.access(of: $0, in: county, current: current) > .none }
            && !acting.contains { state.life.isDenied($0, in: county, current: current) }
    }

    private func states(of subjects: [Subject]) async throws -> [Subject: NotificationState] {
        try await NoticeQueries(client: store.client).states(of: subjects)
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
        guard let row = try await store.client.run("SELECT definition FROM counties WHERE version = \(version) LIMIT 1").first else {
            throw NoticeError(reason: "the county version \(version) is not known here")
        }
        let index = try CountyIndex(CountyDefinition(canonicalJSON: row.value(0)))
        editions[version] = index
        return index
    }
}

/// Why a notice can never be written.
struct NoticeError: Error {
    let reason: String
    /// Whether it is that the recipient may not know: then it is nobody's failure.
    var isForbidden = false
}
