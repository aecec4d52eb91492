import Models

/// A file of `packs/`: one rule pack with its clocks and its ladder.
enum PackFile {
    static let clockKeys = [
        "name", "title", "from", "kinds", "term", "roll", "citation", "ends-with", "lapses", "pause", "extension", "ladder",
    ]
    /// What stands for a term that whoever starts the clock sets.
    static let openTerm = "set-when-started"

    static func pack(_ root: Item) -> (RulePack, Place)? {
        guard
            let fields = root.fields(
                "the pack", ["code", "name", "citation", "applies", "ladder", "clocks", "on-unsatisfied", "effective"])
        else {
            return nil
        }
        let code = fields.required("code")?.code(RulePackCode.self)
        let place = fields.optional("code")?.place ?? fields.place
        if let code, let earlier = root.notes.packs.define(code, place) {
            root.notes.mistake(
                place, "the pack code \"\(code)\" is already used in \(earlier.file):\(earlier.line)", "Give one of the two another code.")
        }
        let (name, citation) = (fields.localized("name"), fields.localized("citation"))
        let applies = fields.optional("applies").map(conditions) ?? PackConditions()
        let ladder = fields.required("ladder").flatMap(ladder)
        let unsatisfied = fields.optional("on-unsatisfied")?.word("\"on-unsatisfied\"", UnsatisfiedWay.self)
        let effective = fields.optional("effective").flatMap(days)
        let (clocks, isWhole) = self.clocks(fields)
        if let code, !isWhole { root.notes.packsInDoubt.insert(code) }
        guard let code, let name, let citation, let applies, let ladder else { return nil }
        let pack = RulePack(
            code: code, name: name, citation: citation, applies: applies, clocks: clocks, ladder: ladder, unsatisfied: unsatisfied,
            effective: effective)
        return (pack, place)
    }

    private static func conditions(_ item: Item) -> PackConditions? {
        guard let fields = item.fields("\"applies\"", ["kinds", "channels", "urgencies", "topics"]) else { return nil }
        let topics = fields.codes("topics", TopicCode.self)
        for (code, place) in topics { item.notes.topics.mention(code, place) }
        return PackConditions(
            kinds: fields.words("kinds"), channels: fields.words("channels"), urgencies: fields.words("urgencies"), topics: topics.map(\.0))
    }

    private static func days(_ item: Item) -> PackDays? {
        guard let fields = item.fields("\"effective\"", ["from", "until"]) else { return nil }
        let (from, until) = (fields.optional("from")?.date("the first day"), fields.optional("until")?.date("the last day"))
        if fields.optional("from") == nil, fields.optional("until") == nil {
            item.mistake("\"effective\" names no day", "Write \"from\", \"until\" or both, or leave it out.")
        }
        if let from, let until, until < from { item.mistake("the pack ends before it begins", "Correct one of the two days.") }
        return PackDays(from: from, until: until)
    }

    private static func ladder(_ item: Item) -> Ladder? {
        guard let fields = item.fields("\"ladder\"", ["warnings", "warned", "at-due", "after-due"]) else { return nil }
        let warnings = fields.distinct("warnings") { $0.integer("a share of \"warnings\"", 1...99) }
        if warnings != warnings.sorted() {
            fields.optional("warnings")?.mistake("the warnings are not in ascending order", "Sort them.")
        }
        let warned: [Audience] = fields.words("warned")
        if warnings.isEmpty != warned.isEmpty {
            item.mistake("\"warnings\" and \"warned\" only make sense together", "Add the one that is missing.")
        }
        var late: [LateRung] = []
        for item in fields.optional("after-due")?.list("\"after-due\"") ?? [] {
            guard let rung = item.fields("a rung", ["after", "audience", "supervise"]) else { continue }
            let after = rung.required("after")?.term("\"after\"")
            let audience: [Audience] = rung.words("audience")
            if audience.isEmpty { item.mistake("a rung lacks \"audience\"", "Say who is to hear of it.") }
            let supervise = rung.optional("supervise")?.flag("\"supervise\"")
            if let after, !audience.isEmpty {
                late.append(LateRung(after: after, audience: audience, supervise: supervise == true ? true : nil))
            }
        }
        if Set(late.map(\.after.unit)).count > 1 {
            fields.optional("after-due")?.mistake(
                "the rungs of \"after-due\" count in different units, so that holidays could turn their order round",
                "Count all of them in one unit.")
        } else if zip(late, late.dropFirst()).contains(where: { $0.after.count >= $1.after.count }) {
            fields.optional("after-due")?.mistake("the rungs of \"after-due\" are not in ascending order", "Sort them.")
        }
        return Ladder(warnings: warnings, warned: warned, atDue: fields.words("at-due"), afterDue: late)
    }

    /// The clocks, and whether every one could be read.
    private static func clocks(_ pack: Fields) -> ([PackClock], isWhole: Bool) {
        var (clocks, lines) = ([PackClock](), [ClockName: Int]())
        let items = pack.required("clocks")?.list("\"clocks\"") ?? []
        for item in items {
            guard let fields = item.fields("a clock", clockKeys) else { continue }
            let name = fields.required("name")?.code(ClockName.self)
            if let name, let earlier = lines.updateValue(item.line, forKey: name) {
                item.mistake("the clock \"\(name)\" is already described in line \(earlier)", "Give one of the two another name.")
            }
            if let clock = clock(fields, name) { clocks.append(clock) }
        }
        return (clocks, !items.isEmpty && clocks.count == items.count)
    }

    private static func clock(_ fields: Fields, _ name: ClockName?) -> PackClock? {
        let (title, citation) = (fields.localized("title"), fields.localized("citation"))
        let from = fields.required("from")?.event("\"from\"")
        let ends = fields.distinct("ends-with") { $0.event("an event of \"ends-with\"") }
        let lapses = fields.optional("lapses")?.flag("\"lapses\"") ?? false
        if fields.optional("ends-with") == nil, !lapses {
            fields.item.mistake("nothing ends this clock", "Add \"ends-with\", or \"lapses: true\" if its end only ends a right.")
        }
        if let from, ends.contains(from) {
            fields.optional("ends-with")?.mistake("\(from) both starts and ends the clock", "Delete it in one of the two.")
        }
        let termItem = fields.required("term")
        let isOpen = termItem?.spelling == openTerm
        let term = isOpen ? nil : termItem?.term("\"term\"")
        let openly = [CoHandlingAssigned.type, AssistanceOpened.type]
        if isOpen, let from, !openly.contains(from.description) {
            termItem?.mistake(
                "nobody sets a term when \(from) starts the clock",
                "Write a term, such as 15 days; only \(openly.joined(separator: " and ")) bring one.")
        }
        let roll = fields.optional("roll")?.word("\"roll\"", DueRoll.self) ?? .none
        if let unit = term?.unit, unit == .hour || unit == .workhour, roll != .none {
            fields.optional("roll")?.mistake("a term in hours ends to the minute and cannot roll", "Delete \"roll\".")
        }
        if lapses, fields.optional("ladder") != nil {
            fields.optional("ladder")?.mistake("a clock that lapses urges nobody", "Delete \"ladder\" or \"lapses\".")
        }
        let own = fields.optional("ladder").flatMap(ladder)
        let extra = fields.optional("extension").flatMap(extensionRule)
        if let extra, let term, extra.longest.unit == term.unit, extra.longest.count * extra.times > term.count {
            fields.optional("extension")?.mistake(
                "extensions of \(extra.times) × \(extra.longest.name.en) are longer than the term of \(term.name.en) that they extend",
                "Shorten them: more time than the term itself is a new term.")
        }
        let pause = fields.optionalLocalized("pause")
        guard let name, let title, let citation, let from, isOpen || term != nil else { return nil }
        return PackClock(
            name: name, title: title, from: from, kinds: fields.words("kinds"), term: term, roll: roll, citation: citation, endsWith: ends,
            lapses: lapses, pause: pause, extensionRule: extra, ladder: own)
    }

    private static func extensionRule(_ item: Item) -> PackExtension? {
        guard let fields = item.fields("\"extension\"", ["times", "longest", "citation"]) else { return nil }
        let times = fields.required("times")?.integer("\"times\"", 1...10)
        let longest = fields.required("longest")?.term("\"longest\"")
        let citation = fields.localized("citation")
        guard let times, let longest, let citation else { return nil }
        return PackExtension(times: times, longest: longest, citation: citation)
    }
}
