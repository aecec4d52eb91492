import Synchronization

/// A county definition prepared for looking things up at once; built once for each version, shared and never changed.
///
/// A class, because it is handed from one judgement to the next for every case, and a copy of all its tables is dear.
public final class CountyIndex: Sendable {
    public let definition: CountyDefinition
    public let version: String
    public let calendar: CountyCalendar
    public let unitTree: CodeTree<UnitCode>
    public let regionTree: CodeTree<RegionCode>
    public let topicTree: CodeTree<TopicCode>
    private let units: [UnitCode: CountyUnit]
    private let regions: [RegionCode: CountyRegion]
    private let topics: [TopicCode: CountyTopic]
    private let packs: [RulePackCode: RulePack]
    private let defaultPack: RulePack
    private let templates: [TemplateKey: NoticeTemplate]
    private let townships: [RegionCode: UnitCode]
    private let villages: [RegionCode: UnitCode]
    /// Deny-sets that were asked for lately.
    private let denied = Mutex<[DenyKey: Set<UnitCode>]>([:])

    private struct DenyKey: Hashable {
        var accused: CaseRegistered.Accused
        /// The version of the case's own county.
        var version: String
        /// Whether it was asked together with the version in force.
        var isCurrent: Bool
    }

    private struct TemplateKey: Hashable {
        var id: TemplateID
        var language: Language
        var channel: NoticeChannel
    }

    /// Prepares a definition; throws the sentence that says what does not fit together in it.
    ///
    /// The compiler of county files finds such mistakes with their lines; here they only guard against definitions from elsewhere.
    public init(_ definition: CountyDefinition) throws(CountyError) {
        let tree = try CodeTree(definition.units.map { ($0.code, $0.parent) })
        let regionTree = try CodeTree(definition.regions.map { ($0.code, $0.parent) })
        self.definition = definition
        version = try definition.version()
        calendar = definition.calendar()
        unitTree = tree
        self.regionTree = regionTree
        topicTree = try CodeTree(definition.topics.map { ($0.code, $0.parent) })
        units = Dictionary(definition.units.map { ($0.code, $0) }) { first, _ in first }
        regions = Dictionary(definition.regions.map { ($0.code, $0) }) { first, _ in first }
        topics = Dictionary(definition.topics.map { ($0.code, $0) }) { first, _ in first }
        packs = Dictionary(definition.packs.map { ($0.code, $0) }) { first, _ in first }
        templates = Dictionary(
            definition.templates.map { (TemplateKey(id: $0.id, language: $0.language, channel: $0.channel), $0) }
        ) { first, _ in first }
        guard let pack = definition.packs.first(where: { $0.applies.weight == 0 && $0.effective == nil }) else {
            throw CountyError(description: "no rule pack is without conditions, so some cases would have no clocks")
        }
        defaultPack = pack
        for desk in [definition.desk, definition.standbyDesk] where !tree.contains(desk) {
            throw CountyError(description: "the desk \(desk) is no unit of the county")
        }
        townships = Self.servants(.township, of: definition, regionTree)
        villages = Self.servants(.village, of: definition, regionTree)
    }

    /// The units that must not learn of a case of the county version `own`, which `compute` finds when it was not asked lately.
    ///
    /// The same few units and people are accused again and again, and their deny-sets are asked for with every case that is listed.
    func denied(
        _ accused: CaseRegistered.Accused, of own: String, isCurrent: Bool, _ compute: () -> Set<UnitCode>
    ) -> Set<UnitCode> {
        let key = DenyKey(accused: accused, version: own, isCurrent: isCurrent)
        if let known = denied.withLock({ $0[key] }) { return known }
        let found = compute()
        denied.withLock { sets in
            if sets.count >= 4096 { sets = [:] }
            sets[key] = found
        }
        return found
    }

    public func unit(_ code: UnitCode) -> CountyUnit? { units[code] }
    public func region(_ code: RegionCode) -> CountyRegion? { regions[code] }
    public func topic(_ code: TopicCode) -> CountyTopic? { topics[code] }
    public func pack(_ code: RulePackCode) -> RulePack? { packs[code] }

    /// The units with all that stand below them: what may not learn of a case in which these units are accused.
    public func denied(_ accused: some Sequence<UnitCode>) -> Set<UnitCode> {
        Set(accused.flatMap { unitTree.subtree(of: $0) })
    }

    /// The unit of kind `township` that serves a region or the nearest region around it.
    public func township(of region: RegionCode) -> UnitCode? { townships[region] }

    /// The unit of kind `village` that serves a region or the nearest region around it.
    public func village(of region: RegionCode) -> UnitCode? { villages[region] }

    /// The text of a notice: in the channel's own wording, else in the common one, else in Chinese.
    public func template(_ id: TemplateID, _ language: Language, _ channel: NoticeChannel = .any) -> NoticeTemplate? {
        for language in [language, .zh] {
            for channel in [channel, .any] {
                if let found = templates[TemplateKey(id: id, language: language, channel: channel)] { return found }
            }
        }
        return nil
    }

    /// The pack for a case that is registered on a day: of those whose conditions hold, the one with most conditions.
    ///
    /// Of two with equally many, one that is meant for certain days comes before one that is meant for all.
    public func choosePack(kind: CaseKind, channel: Channel, urgency: Urgency, topic: TopicCode?, on day: LocalDate?) -> RulePack {
        func rank(_ pack: RulePack) -> Int { pack.applies.weight * 2 + (pack.effective == nil ? 0 : 1) }
        var best = defaultPack
        for pack in definition.packs where rank(pack) > rank(best) {
            guard pack.effective.map({ days in day.map(days.contains) ?? false }) ?? true else { continue }
            let applies = pack.applies
            guard applies.kinds.isEmpty || applies.kinds.contains(kind),
                applies.channels.isEmpty || applies.channels.contains(channel),
                applies.urgencies.isEmpty || applies.urgencies.contains(urgency),
                applies.topics.isEmpty || topic.map({ topic in applies.topics.contains { topicTree.isWithin(topic, $0) } }) ?? false
            else { continue }
            best = pack
        }
        return best
    }

    /// For every region the unit of a kind that serves it or the nearest region around it.
    private static func servants(
        _ kind: UnitKind, of definition: CountyDefinition, _ tree: CodeTree<RegionCode>
    ) -> [RegionCode: UnitCode] {
        var direct: [RegionCode: UnitCode] = [:]
        for unit in definition.units where unit.kind == kind {
            if let region = unit.region, direct[region] == nil { direct[region] = unit.code }
        }
        var all: [RegionCode: UnitCode] = [:]
        for region in definition.regions { all[region.code] = tree.lineage(of: region.code).lazy.compactMap { direct[$0] }.first }
        return all
    }
}
