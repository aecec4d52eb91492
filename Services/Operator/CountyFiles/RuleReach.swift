import Models

/// Finds rules that contradict each other: what no case ever reaches because an earlier rule takes every case that it would, and two rules
/// for the same cases.
struct RuleReach {
    typealias Placed = (rule: Rule, place: Place)

    private let rules: [Placed]
    private let cover: RuleCover
    private let notes: CompilerNotes

    static func check(
        _ rules: [Placed], topics: CodeTree<TopicCode>?, regions: CodeTree<RegionCode>?, notes: CompilerNotes
    ) {
        RuleReach(rules: rules, cover: RuleCover(rules.map(\.rule), topics: topics, regions: regions), notes: notes).run()
    }

    private func run() {
        for (position, later) in rules.enumerated() {
            // A rule that keeps cases confidential does so whichever rule names their unit: only others that do, too, can take that from it.
            let before = rules[..<position].filter { later.rule.then.confidential != true || $0.rule.then.confidential == true }
            if let twin = before.first(where: { contradicts($0.rule, later.rule) }) {
                notes.mistake(
                    later.place,
                    "the rules \"\(twin.rule.id)\" (line \(twin.place.line)) and \"\(later.rule.id)\" have the same conditions and decide differently",
                    "Make one of them, or tell them apart by another condition.")
                continue
            }
            let takers = before.filter { Self.takesAll($0.rule) }
            let missing = takers.map { cover.missing(from: later.rule.when, for: $0.rule.when) }
            if let index = missing.firstIndex(where: \.isEmpty) {
                reportUnreached(later, behind: takers[index])
            } else {
                for (taker, missing) in zip(takers, missing) where taker.rule.then.lead != later.rule.then.lead {
                    reportIdle(later, behind: taker, missing)
                }
            }
        }
    }

    /// A rule whose unit follows from the region passes a case without one on.
    private static func takesAll(_ rule: Rule) -> Bool { !rule.then.lead.units.isEmpty }

    /// Whether two rules are for the same cases, and the later one is not for those that the earlier passes on.
    private func contradicts(_ earlier: Rule, _ later: Rule) -> Bool {
        RuleCover.areEqual(earlier.when, later.when) && earlier.then != later.then
            && (Self.takesAll(earlier) || earlier.then.lead == later.then.lead)
    }

    private func reportUnreached(_ later: Placed, behind earlier: Placed) {
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

    /// Reports the alternatives of a rule that never decide, because the earlier rule takes every case with them.
    ///
    /// - Parameter missing: The conditions of the earlier rule that a case of the later one may fail.
    private func reportIdle(_ later: Placed, behind earlier: Placed, _ missing: Set<RuleCover.Part>) {
        for alternatives in Self.alternatives(later.rule.when) where missing.isSubset(of: alternatives.helps) {
            let idle = alternatives.members.filter { member in
                cover.missing(from: member.conditions, for: earlier.rule.when, among: Array(missing)).isEmpty
            }
            if idle.isEmpty { continue }
            let names = idle.map { "\"\($0.name)\"" }.joined(separator: ", ")
            let noun = idle.count == 1 ? alternatives.noun : alternatives.noun + "s"
            let units = earlier.rule.then.lead.units.map(\.text).joined(separator: " or ")
            notes.mistake(
                later.place,
                "the rule \"\(later.rule.id)\" names the \(noun) \(names), but \"\(earlier.rule.id)\" (line \(earlier.place.line)) takes every such case for \(units)",
                "Remove \(idle.count == 1 ? "it" : "them") or move \"\(later.rule.id)\" above line \(earlier.place.line).")
        }
    }

    /// The alternatives of one condition, each with the conditions of a rule that names it alone.
    private struct Alternatives {
        var noun: String
        /// The conditions of another rule that may hold for one of them and not for all.
        var helps: Set<RuleCover.Part>
        var members: [(name: String, conditions: RuleConditions)]
    }

    /// Of a condition with one alternative there is nothing to say that is not said of the rule.
    private static func alternatives(_ when: RuleConditions) -> [Alternatives] {
        func list<T>(
            _ noun: String, _ helps: Set<RuleCover.Part>, _ path: WritableKeyPath<RuleConditions, [T]>, _ name: (T) -> String
        ) -> Alternatives {
            let members = when[keyPath: path]
            return Alternatives(
                noun: noun, helps: helps,
                members: members.count < 2
                    ? []
                    : members.map { member in
                        var conditions = when
                        conditions[keyPath: path] = [member]
                        return (name(member), conditions)
                    })
        }
        return [
            list("kind", [.kinds], \.kinds, \.rawValue), list("channel", [.channels], \.channels, \.rawValue),
            list("urgency", [.urgencies], \.urgencies, \.rawValue), list("topic", [.topics], \.topics, \.text),
            list("region", [.regions], \.regions, \.text), list("word", [.title, .any, .all], \.titleWords) { $0 },
            list("word", [.any, .all], \.anyWords) { $0 }, list("tag", [.tags], \.listedTags, \.rawValue),
        ]
    }
}

extension RuleConditions {
    /// The tags as a list, empty where nothing is said.
    fileprivate var listedTags: [HouseholdTag] {
        get { tags ?? [] }
        set { tags = newValue }
    }
}
