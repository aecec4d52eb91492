import Models

/// Finds rules that no case ever reaches, because an earlier rule takes every case that they would.
enum RuleReach {
    static func check(
        _ rules: [(rule: Rule, place: Place)], topics: CodeTree<TopicCode>?, regions: CodeTree<RegionCode>?, notes: CompilerNotes
    ) {
        for (position, later) in rules.enumerated() {
            let earlier = rules[..<position].first { earlier in
                // A rule that needs a region may pass a case on.
                guard case .unit = earlier.rule.then.lead else { return false }
                return covers(earlier.rule.when, later.rule.when, topics, regions)
            }
            guard let earlier else { continue }
            if earlier.rule.when.isCatchAll {
                notes.mistake(
                    later.place, "the rule \"\(later.rule.id)\" is never reached: \"\(earlier.rule.id)\" before it takes every case",
                    "Move it up, above line \(earlier.place.line).")
            } else {
                notes.mistake(
                    later.place,
                    "the rule \"\(later.rule.id)\" is never reached: \"\(earlier.rule.id)\" before it takes all cases that it would",
                    "Move it above line \(earlier.place.line) or delete it.")
            }
        }
    }

    /// Whether every case that fulfils `narrow` also fulfils `wide`.
    private static func covers(
        _ wide: RuleConditions, _ narrow: RuleConditions, _ topics: CodeTree<TopicCode>?, _ regions: CodeTree<RegionCode>?
    ) -> Bool {
        func within<T: Hashable>(_ inner: [T], _ outer: [T]) -> Bool {
            outer.isEmpty || !inner.isEmpty && Set(inner).isSubset(of: outer)
        }
        func below<C: Code>(_ inner: [C], _ outer: [C], _ tree: CodeTree<C>?) -> Bool {
            outer.isEmpty
                || !inner.isEmpty
                    && inner.allSatisfy { code in outer.contains { $0 == code || tree?.isWithin(code, $0) ?? false } }
        }
        return within(narrow.kinds, wide.kinds) && within(narrow.channels, wide.channels)
            && within(narrow.urgencies, wide.urgencies) && below(narrow.topics, wide.topics, topics)
            && below(narrow.regions, wide.regions, regions) && within(narrow.titleWords, wide.titleWords)
            && (within(narrow.anyWords, wide.anyWords) || !narrow.titleWords.isEmpty && Set(narrow.titleWords).isSubset(of: wide.anyWords))
            && Set(wide.allWords).isSubset(of: narrow.allWords) && Set(wide.noWords).isSubset(of: narrow.noWords)
    }
}
