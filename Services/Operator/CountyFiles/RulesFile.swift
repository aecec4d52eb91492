import Models

/// `rules.yaml`: the rules that name the lead unit, in the order in which they are tried.
enum RulesFile {
    static let conditionKeys = ["kinds", "channels", "urgencies", "topics", "regions", "title", "any", "all", "none"]

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
            noWords: words("none", fields))
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
        guard let fields = item.fields("\"then\"", ["unit", "urgency", "pack", "topic"]), let target = fields.required("unit") else {
            return nil
        }
        let lead: RuleLead
        switch target.spelling {
        case RuleLead.townshipWord: lead = .townshipOfRegion
        case RuleLead.villageWord: lead = .villageOfRegion
        default:
            guard let code = target.code(UnitCode.self) else { return nil }
            item.notes.units.mention(code, target.place)
            lead = .unit(code)
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
        return RuleAction(lead: lead, urgency: urgency, pack: pack, topic: topic)
    }
}
