import Models

/// `rules.yaml`: the rules that name the lead unit, in the order in which they are tried.
enum RulesFile {
    static let conditionKeys = ["kinds", "channels", "urgencies", "topics", "regions", "title", "any", "all", "none", "session", "tags"]
    static let actionKeys = ["unit", "urgency", "pack", "topic", "co", "confidential"]

    static func rules(_ root: Item) -> [(Rule, Place)] {
        guard let fields = root.fields("the file", ["rules"]), let list = fields.required("rules")?.list("\"rules\"") else { return [] }
        var rules: [(Rule, Place)] = []
        for item in list {
            guard let rule = item.fields("a rule", ["id", "reason", "when", "then"]) else { continue }
            let id = rule.required("id")?.code(RuleCode.self)
            let place = rule.optional("id")?.place ?? rule.place
            if let id, let earlier = item.notes.rules.define(id, place) {
                item.notes.mistake(
                    place, "the rule id \"\(id)\" is already used in line \(earlier.line)", "Give one of the two another id.")
            }
            let reason = rule.localized("reason")
            let conditions = rule.optional("when").map(conditions) ?? RuleConditions()
            let action = rule.required("then").flatMap(action)
            guard let id, let reason, let conditions, let action else { continue }
            if action.confidential == true, !conditions.topics.isEmpty || !conditions.regions.isEmpty {
                item.notes.remark(
                    place,
                    "the rule \"\(id)\" keeps cases confidential only by the topics and regions that they are registered with",
                    "A topic that is suggested or given later, or a place found in the text, makes no case confidential.")
            }
            rules.append((Rule(id: id, reason: reason, when: conditions, then: action), place))
        }
        return rules
    }

    private static func conditions(_ item: Item) -> RuleConditions? {
        guard let fields = item.fields("\"when\"", conditionKeys) else { return nil }
        let topics = fields.codes("topics", TopicCode.self)
        let regions = fields.codes("regions", RegionCode.self)
        for (code, place) in topics { item.notes.topics.mention(code, place) }
        for (code, place) in regions { item.notes.regions.mention(code, place) }
        let conditions = RuleConditions(
            kinds: fields.words("kinds"), channels: fields.words("channels"), urgencies: fields.words("urgencies"),
            topics: topics.map(\.0), regions: regions.map(\.0), titleWords: words("title", fields), anyWords: words("any", fields),
            allWords: words("all", fields),
            noWords: words("none", fields), session: fields.optional("session").flatMap { $0.flag("\"session\"") },
            tags: fields.optional("tags").map { _ in fields.words("tags") })
        for word in Set(conditions.noWords).intersection(conditions.titleWords + conditions.anyWords + conditions.allWords).sorted() {
            fields.optional("none")?.mistake("the rule both wants and forbids \"\(word)\"", "Delete the word in one of the lists.")
        }
        return conditions
    }

    private static func words(_ name: String, _ fields: Fields) -> [String] {
        fields.distinct(name) { item in
            guard let word = item.text("a word of \"\(name)\"") else { return nil }
            guard word.first?.isWhitespace == false, word.last?.isWhitespace == false, word.utf8.count <= 120, word.utf8.count >= 2 else {
                item.mistake("the word \"\(word.prefix(40))\" cannot be looked for", "Write 2 to 120 bytes without spaces at the ends.")
                return nil
            }
            return word
        }
    }

    private static func action(_ item: Item) -> RuleAction? {
        guard let fields = item.fields("\"then\"", actionKeys), let target = fields.required("unit"), let lead = lead(target) else {
            return nil
        }
        let urgency = fields.optional("urgency").flatMap { $0.word("the urgency", Urgency.self) }
        let pack = fields.optional("pack").flatMap { item -> RulePackCode? in
            let code = item.code(RulePackCode.self)
            if let code { item.notes.packs.mention(code, item.place) }
            return code
        }
        let topic = fields.optional("topic").flatMap { item -> TopicCode? in
            let code = item.code(TopicCode.self)
            if let code { item.notes.topics.mention(code, item.place) }
            return code
        }
        let confidential = fields.optional("confidential").flatMap { $0.flag("\"confidential\"") }
        return RuleAction(
            lead: lead, urgency: urgency, pack: pack, topic: topic, co: fields.optional("co").map { RuledHelpFile.units($0, lead: lead) },
            confidential: confidential == true ? true : nil)
    }

    /// The lead unit: a code, a word that says how it follows from the region, or a group of which the least loaded gets the case.
    private static func lead(_ target: Item) -> RuleLead? {
        if target.isGroup {
            guard let fields = target.fields("\"unit\"", [RuleLead.leastLoadedWord]) else { return nil }
            guard fields.required(RuleLead.leastLoadedWord) != nil else { return nil }
            let units = fields.codes(RuleLead.leastLoadedWord, UnitCode.self)
            for (code, place) in units { target.notes.units.mention(code, place) }
            if units.count == 1 {
                target.mistake(
                    "\"\(RuleLead.leastLoadedWord)\" names one unit, so there is no choice", "Write the unit itself, or name another.")
            }
            return units.count < 2 ? nil : .leastLoaded(units.map(\.0))
        }
        switch target.spelling {
        case RuleLead.townshipWord: return .townshipOfRegion
        case RuleLead.villageWord: return .villageOfRegion
        default:
            guard let code = target.code(UnitCode.self) else { return nil }
            target.notes.units.mention(code, target.place)
            return .unit(code)
        }
    }
}
