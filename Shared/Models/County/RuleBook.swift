/// Applies the county's rules to cases: the first that matches decides (办理责任单位判定).
///
/// Built once for each county version. All words of all rules are looked for in one pass over a case's text.
public struct RuleBook: Sendable {
    private struct Entry {
        var rule: Rule
        var titleWords: [Int]
        var anyWords: [Int]
        var allWords: [Int]
        var noWords: [Int]
        var hasWords: Bool { !titleWords.isEmpty || !anyWords.isEmpty || !allWords.isEmpty || !noWords.isEmpty }
    }

    private let index: CountyIndex
    private let entries: [Entry]
    /// Those that keep a case confidential.
    private let confidential: [Entry]
    private let words: [String]
    private let finder: WordFinder

    public init(_ index: CountyIndex) {
        var (numbers, words) = ([String: Int](), [String]())
        func number(_ word: String) -> Int {
            if let known = numbers[word] { return known }
            numbers[word] = words.count
            words.append(word)
            return words.count - 1
        }
        entries = index.definition.rules.map { rule in
            Entry(
                rule: rule, titleWords: rule.when.titleWords.map(number), anyWords: rule.when.anyWords.map(number),
                allWords: rule.when.allWords.map(number),
                noWords: rule.when.noWords.map(number))
        }
        confidential = entries.filter { $0.rule.then.confidential == true }
        self.index = index
        self.words = words
        finder = WordFinder(words)
    }

    /// Says who is responsible; units in `denied` are never chosen.
    ///
    /// When the rule that matches leads to such a unit, the dispatch desk decides: a later rule was not written for the case.
    /// A rule whose unit depends on a region that the case does not have is passed over. The answer depends on nothing
    /// but the arguments and the county definition.
    ///
    /// - Parameters:
    ///   - loads: How much open work units have, for rules that spread it; nil when it was not counted yet.
    ///   - current: The county in force, by which units of these rules may have ended; nil for the rules' own.
    public func decide(
        _ facts: RuleFacts, denied: Set<UnitCode> = [], loads: UnitLoads? = nil, current: CountyIndex? = nil
    ) -> Ruling {
        var marks: Marks?
        for entry in entries where matches(entry, facts, &marks) {
            if case .leastLoaded(let units) = entry.rule.then.lead {
                let spread = LeastLoaded(units: units, denied: denied, current: current ?? index)
                guard let choice = spread.choice(for: facts.subject, loads: loads) else {
                    return fallback(facts, denied: denied, withheld: entry.rule.id)
                }
                return ruling(choice.unit, facts, entry.rule, words: matched(entry, marks), reason: reason(entry.rule, choice))
            }
            guard let unit = unit(entry.rule.then.lead, facts) else { continue }
            guard !denied.contains(unit) else { return fallback(facts, denied: denied, withheld: entry.rule.id) }
            return ruling(unit, facts, entry.rule, words: matched(entry, marks))
        }
        return fallback(facts, denied: denied, withheld: nil)
    }

    /// Whether some rule keeps such a case confidential, whichever of them names the lead unit.
    public func isConfidential(_ facts: RuleFacts) -> Bool {
        var marks: Marks?
        return confidential.contains { matches($0, facts, &marks) }
    }

    /// Whether all conditions hold; the case's text is read at most once.
    private func matches(_ entry: Entry, _ facts: RuleFacts, _ marks: inout Marks?) -> Bool {
        guard holds(entry.rule.when, facts) else { return false }
        guard entry.hasWords else { return true }
        let found = marks ?? Marks(facts, finder)
        marks = found
        return (entry.titleWords.isEmpty || entry.titleWords.contains { found.title[$0] })
            && (entry.anyWords.isEmpty || entry.anyWords.contains { found.all[$0] })
            && entry.allWords.allSatisfy { found.all[$0] } && !entry.noWords.contains { found.all[$0] }
    }

    /// A rule's reason, with the loads that were compared.
    private func reason(_ rule: Rule, _ choice: LeastLoaded.Choice) -> LocalizedText? {
        choice.compared.map { here, there in
            LocalizedText(
                zh: "\(rule.reason.zh)（本单位在办\(here)件，另一单位\(there)件）",
                en: "\(rule.reason.en) (\(here) open here, \(there) there)")
        }
    }

    /// Which words stand in a case's title, and which anywhere in it.
    private struct Marks {
        var title: [Bool]
        var all: [Bool]

        init(_ facts: RuleFacts, _ finder: WordFinder) {
            title = [Bool](repeating: false, count: finder.count)
            finder.mark(facts.title, in: &title)
            all = title
            finder.mark(facts.narrative, in: &all)
        }
    }

    private func matched(_ entry: Entry, _ marks: Marks?) -> [String] {
        guard let marks else { return [] }
        let title = entry.titleWords.filter { marks.title[$0] }
        let rest = (entry.anyWords + entry.allWords).filter { marks.all[$0] && !title.contains($0) }
        return (title + rest).map { words[$0] }
    }

    /// Whether all conditions but those on words hold.
    private func holds(_ when: RuleConditions, _ facts: RuleFacts) -> Bool {
        (when.kinds.isEmpty || when.kinds.contains(facts.kind))
            && (when.channels.isEmpty || when.channels.contains(facts.channel))
            && (when.urgencies.isEmpty || when.urgencies.contains(facts.urgency))
            && (when.topics.isEmpty
                || facts.topic.map { topic in when.topics.contains { index.topicTree.isWithin(topic, $0) } } ?? false)
            && (when.regions.isEmpty
                || facts.region.map { region in when.regions.contains { index.regionTree.isWithin(region, $0) } } ?? false)
            && (when.session.map { $0 == facts.isFromSession } ?? true)
            && (when.tags.map { $0.isEmpty || $0.contains(where: facts.tags.contains) } ?? true)
    }

    private func unit(_ lead: RuleLead, _ facts: RuleFacts) -> UnitCode? {
        switch lead {
        case .unit(let code): code
        case .townshipOfRegion: facts.region.flatMap(index.township)
        case .villageOfRegion: facts.region.flatMap(index.village)
        case .leastLoaded(let units): units.first
        }
    }

    /// The dispatch desk, or whoever stands in for it when it may not learn of the case.
    private func fallback(_ facts: RuleFacts, denied: Set<UnitCode>, withheld: RuleCode?) -> Ruling {
        let (desk, standby) = (index.definition.desk, index.definition.standbyDesk)
        if !denied.contains(desk) {
            let reason =
                withheld == nil
                ? LocalizedText(zh: "没有规则适用，由调度岗判定", en: "no rule applies, so the dispatch desk decides")
                : LocalizedText(zh: "规则指向应当回避的单位，由调度岗判定", en: "the rule leads to a unit that must stay out, so the dispatch desk decides")
            return ruling(desk, facts, nil, reason: reason, withheld: withheld)
        }
        if let other = index.standIn(denied: denied) {
            let reason = LocalizedText(
                zh: "调度岗应当回避，由替代单位判定", en: "the dispatch desk must stay out, so another unit decides in its place")
            return ruling(other, facts, nil, reason: reason, withheld: withheld)
        }
        let reason = LocalizedText(zh: "本县各单位均应回避，须报上级处理", en: "every unit of the county must stay out: a higher level has to decide")
        return ruling(standby, facts, nil, reason: reason, withheld: withheld, isImpartial: false)
    }

    private func ruling(
        _ unit: UnitCode, _ facts: RuleFacts, _ rule: Rule?, words: [String] = [], reason: LocalizedText? = nil,
        withheld: RuleCode? = nil,
        isImpartial: Bool = true
    ) -> Ruling {
        let urgency = rule?.then.urgency ?? facts.urgency
        let topic = (facts.isTopicSuggested ? rule?.then.topic : nil) ?? facts.topic ?? rule?.then.topic
        let pack =
            rule?.then.pack
            ?? index.choosePack(kind: facts.kind, channel: facts.channel, urgency: urgency, topic: topic, on: facts.registered).code
        return Ruling(
            unit: unit, rule: rule?.id, reason: reason ?? rule?.reason ?? LocalizedText(zh: "", en: ""), words: words, urgency: urgency,
            topic: topic, pack: pack, co: rule?.then.co ?? [], withheld: withheld, isImpartial: isImpartial)
    }
}
