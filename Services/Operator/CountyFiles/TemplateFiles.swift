import Models

/// The files of `templates/`: the texts of notices.
final class TemplateFiles {
    private struct Key: Hashable {
        var id: TemplateID
        var language: Language
        var channel: NoticeChannel
    }

    private(set) var templates: [NoticeTemplate] = []
    private let notes: CompilerNotes
    private var places: [Key: Place] = [:]

    init(notes: CompilerNotes) { self.notes = notes }

    func read(_ root: Item) {
        guard let fields = root.fields("the template", ["id", "texts"]) else { return }
        let id = fields.required("id")?.word("the template id", TemplateID.self)
        for item in fields.required("texts")?.list("\"texts\"") ?? [] {
            guard let text = item.fields("a text", ["language", "channel", "subject", "body"]) else { continue }
            let language = text.required("language")?.word("the language", Language.self)
            let channel = text.optional("channel").map { $0.word("the channel", NoticeChannel.self) } ?? .any
            let (subject, body) = (text.text("subject"), text.text("body"))
            guard let id, let language, let channel, let subject, let body else { continue }
            if let earlier = places.updateValue(item.place, forKey: Key(id: id, language: language, channel: channel)) {
                item.mistake(
                    "there is already a text of \(id.rawValue) for \(language.rawValue) and \(channel.rawValue) in \(earlier.file):\(earlier.line)",
                    "Delete one of the two.")
                continue
            }
            for name in ["subject", "body"] { check(text.optional(name), for: id) }
            templates.append(NoticeTemplate(id: id, language: language, channel: channel, subject: subject, body: body))
        }
    }

    /// Reports the texts that a county cannot do without, and remarks on the one that it may not know of.
    func checkRequired(_ place: Place) {
        for id in TemplateID.required {
            for language in Language.allCases where places[Key(id: id, language: language, channel: .any)] == nil {
                notes.mistake(
                    place, "there is no text of \"\(id.rawValue)\" in \(language.rawValue) for every channel",
                    "Add one under templates/, without \"channel\".")
            }
        }
        // Nobody would miss a notice that they have never had.
        if !templates.contains(where: { $0.id == .heating && $0.language == .zh }) {
            notes.remark(
                place, "there is no text of \"heating\" in zh, so that leaders get no notice when an issue becomes hot",
                "Add one under templates/ if they should.")
        }
    }

    private func check(_ item: Item?, for id: TemplateID) {
        guard let item, let text = item.spelling else { return }
        let known = id.fields.map(\.rawValue)
        for fault in TemplateSyntax.faults(in: text, fields: known) {
            let line = item.isBlockText ? item.line + 1 + fault.line : item.line
            notes.mistake(Place(file: item.file, line: line), fault.reason, fault.remedy)
        }
    }
}
