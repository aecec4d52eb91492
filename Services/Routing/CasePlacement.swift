import CaseFlow
import Models

/// What a county makes of a case as it is registered: where it happened, what it is about, and who is responsible.
///
/// The same for a case that has just been registered and for one of the past that another county is tried on.
public struct CasePlacement: Sendable {
    /// The place that the text names of a case without a region; nil when none was looked for or found.
    public let place: PlaceFinder.Finding?
    /// What a topic model made of a case without a topic; nil when none was asked.
    public let suggested: TopicFinding?
    public let ruling: Ruling
    /// The lead unit: the one that the rules name, or whoever has its duties now.
    ///
    /// The rules may be older than a unit's merger.
    public let lead: UnitCode
    /// What other units are asked for.
    public let help: [CoHandlingAssigned]

    /// Places a case.
    ///
    /// - Parameters:
    ///   - denied: The units that must not learn of it.
    ///   - current: The county in force, by which units of `county` may have ended.
    ///   - topics: The model that is asked; an empty shelf asks none.
    ///   - loads: How much open work units have; nil when it was not counted.
    public init(
        of facts: CaseRegistered, _ subject: Subject, in county: CountyBook.Edition, current: CountyIndex, denied: Set<UnitCode>,
        topics: TopicShelf, loads: UnitLoads? = nil
    ) {
        place = facts.region == nil ? county.places.find(title: facts.title, narrative: facts.narrative) : nil
        suggested = facts.topic == nil ? topics.finding(title: facts.title, narrative: facts.narrative, in: county.index) : nil
        let given = suggested.flatMap { $0.given ? $0.choices.first?.topic : nil }
        var known = RuleFacts(facts, of: subject, on: county.index.calendar.offsets.date(at: facts.registered))
        known.topic = facts.topic ?? given
        known.isTopicSuggested = given != nil
        known.region = facts.region ?? place?.region
        ruling = county.rules.decide(known, denied: denied, loads: loads, current: current)
        lead = current.living(ruling.unit, denied: denied)
        help = RuledHelp(ruling: ruling, lead: lead, denied: denied, current: current).facts
    }
}
