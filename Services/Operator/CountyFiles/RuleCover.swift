import Models

/// Says which cases one rule takes from another: those that fulfil the conditions of both, as far as the conditions themselves tell.
struct RuleCover {
    /// A condition of a rule.
    enum Part: CaseIterable {
        case kinds, channels, urgencies, topics, regions, title, any, all, none, session, tags
    }

    private let topics: CodeTree<TopicCode>?
    private let regions: CodeTree<RegionCode>?
    /// Of every word of the rules those that stand in it, itself among them.
    private let inside: [String: Set<String>]

    init(_ rules: [Rule], topics: CodeTree<TopicCode>?, regions: CodeTree<RegionCode>?) {
        self.topics = topics
        self.regions = regions
        let words = Set(rules.flatMap { $0.when.titleWords + $0.when.anyWords + $0.when.allWords + $0.when.noWords }.map(Self.folded))
        var inside: [String: Set<String>] = [:]
        for word in words {
            let letters = Array(word)
            var found: Set<String> = []
            for start in letters.indices {
                for end in start..<letters.count {
                    let piece = String(letters[start...end])
                    if words.contains(piece) { found.insert(piece) }
                }
            }
            inside[word] = found
        }
        self.inside = inside
    }

    /// The conditions of `wide` that a case may fail which fulfils `narrow`; none when every such case fulfils `wide`.
    func missing(from narrow: RuleConditions, for wide: RuleConditions, among parts: [Part] = Part.allCases) -> Set<Part> {
        Set(parts.filter { !holds($0, of: wide, in: narrow) })
    }

    /// Whether two rules are for the same cases, in whatever order their conditions are written.
    static func areEqual(_ one: RuleConditions, _ other: RuleConditions) -> Bool {
        Set(one.kinds) == Set(other.kinds) && Set(one.channels) == Set(other.channels) && Set(one.urgencies) == Set(other.urgencies)
            && Set(one.topics) == Set(other.topics) && Set(one.regions) == Set(other.regions)
            && words(one.titleWords) == words(other.titleWords) && words(one.anyWords) == words(other.anyWords)
            && words(one.allWords) == words(other.allWords) && words(one.noWords) == words(other.noWords) && one.session == other.session
            && Set(one.tags ?? []) == Set(other.tags ?? [])
    }

    /// Whether every case that fulfils `narrow` fulfils one condition of `wide`.
    private func holds(_ part: Part, of wide: RuleConditions, in narrow: RuleConditions) -> Bool {
        switch part {
        case .kinds: within(narrow.kinds, wide.kinds)
        case .channels: within(narrow.channels, wide.channels)
        case .urgencies: within(narrow.urgencies, wide.urgencies)
        case .tags: within(narrow.tags ?? [], wide.tags ?? [])
        case .session: wide.session == nil || wide.session == narrow.session
        case .topics: below(narrow.topics, wide.topics, topics)
        case .regions: below(narrow.regions, wide.regions, regions)
        case .title: wide.titleWords.isEmpty || brings(narrow.titleWords, oneOf: wide.titleWords)
        case .any:
            wide.anyWords.isEmpty || brings(narrow.titleWords, oneOf: wide.anyWords) || brings(narrow.anyWords, oneOf: wide.anyWords)
                || narrow.allWords.contains { brings([$0], oneOf: wide.anyWords) }
        case .all:
            wide.allWords.allSatisfy { word in
                narrow.allWords.contains { brings([$0], oneOf: [word]) } || brings(narrow.titleWords, oneOf: [word])
                    || brings(narrow.anyWords, oneOf: [word])
            }
        // Where a shorter word is missing, so is every longer one that it stands in.
        case .none:
            wide.noWords.allSatisfy { word in narrow.noWords.contains { inside[Self.folded(word)]?.contains(Self.folded($0)) == true } }
        }
    }

    private func within<T: Hashable>(_ inner: [T], _ outer: [T]) -> Bool {
        outer.isEmpty || !inner.isEmpty && inner.allSatisfy(outer.contains)
    }

    private func below<C: Code>(_ inner: [C], _ outer: [C], _ tree: CodeTree<C>?) -> Bool {
        outer.isEmpty
            || !inner.isEmpty && inner.allSatisfy { code in outer.contains { $0 == code || tree?.isWithin(code, $0) ?? false } }
    }

    /// Whether a text that holds any of `words` holds one of the others, since that one stands in it.
    private func brings(_ words: [String], oneOf others: [String]) -> Bool {
        if words.isEmpty { return false }
        let wanted = Self.words(others)
        return words.allSatisfy { !(inside[Self.folded($0)] ?? []).isDisjoint(with: wanted) }
    }

    private static func words(_ list: [String]) -> Set<String> { Set(list.map(folded)) }

    /// Letters of ASCII are compared without case, as in the texts of cases.
    private static func folded(_ word: String) -> String {
        String(decoding: word.utf8.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
