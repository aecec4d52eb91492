import CaseFlow
import Models
import Routing

/// Tries another county's rules on cases of the past and counts what would have gone elsewhere.
///
/// Nothing is changed anywhere. What is counted tells of no person and repeats no text.
struct RoutingReplay {
    /// From whom to whom, or from which topic to which; nil for none.
    struct Move: Hashable, Comparable {
        var from: String?
        var to: String?

        static func < (left: Move, right: Move) -> Bool { (left.from ?? "", left.to ?? "") < (right.from ?? "", right.to ?? "") }
    }

    /// A case that would have gone elsewhere.
    struct Change: Hashable {
        var number: String
        var from: UnitCode
        var to: UnitCode
        /// The rule that would have decided; nil where the dispatch desk would have.
        var rule: RuleCode?
    }

    /// How often the rules of then and those that are tried name the unit that handled a case in the end.
    struct Hits: Hashable {
        var cases = 0
        var then = 0
        var now = 0
        var both = 0
    }

    private(set) var cases = 0
    /// Settled where they were raised, so that no unit was looked for.
    private(set) var settled = 0
    /// Registered a moment ago, so that no unit has them yet.
    private(set) var unassigned = 0
    private(set) var leads: [Move: Int] = [:]
    private(set) var topics: [Move: Int] = [:]
    private(set) var hits = Hits()
    private(set) var before: [UnitCode: Int] = [:]
    private(set) var after: [UnitCode: Int] = [:]
    /// Cases that would be kept confidential from their registration on.
    private(set) var newlyConfidential = 0
    private(set) var changes: [Change] = []

    private let county: CountyBook.Edition
    private let shelf: TopicShelf

    /// - Parameter shelf: The topic model that is asked.
    init(_ county: CountyBook.Edition, topics shelf: TopicShelf) {
        self.county = county
        self.shelf = shelf
    }

    /// How many cases would have had another lead unit.
    var changed: Int { leads.values.reduce(0, +) }

    mutating func take(_ past: PastCase) {
        if past.facts.onTheSpot == true { return settled += 1 }
        guard let old = past.lead else { return unassigned += 1 }
        cases += 1
        let index = county.index
        let placement = CasePlacement(of: past.facts, past.subject, in: county, current: index, denied: [], topics: shelf)
        // A unit that has ended meanwhile is the one that has its duties.
        let (lead, former) = (placement.lead, index.living(old))
        before[former, default: 0] += 1
        after[lead, default: 0] += 1
        if lead != former {
            leads[Move(from: former.text, to: lead.text), default: 0] += 1
            changes.append(Change(number: past.facts.number, from: former, to: lead, rule: placement.ruling.rule))
        }
        if placement.ruling.topic != past.topic {
            topics[Move(from: past.topic?.text, to: placement.ruling.topic?.text), default: 0] += 1
        }
        if county.rules.isConfidential(RuleFacts(past.facts)) { newlyConfidential += 1 }
        guard let handler = past.handler.map(index.living) else { return }
        hits.cases += 1
        if former == handler { hits.then += 1 }
        if lead == handler { hits.now += 1 }
        if former == handler, lead == handler { hits.both += 1 }
    }
}
