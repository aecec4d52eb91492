/// Everything that a county decides by itself (县域配置): its units, places, topics, rules, clocks, calendars and texts.
///
/// Compiled from the county's files, published as one event, pinned on cases by its version.
public struct CountyDefinition: Codable, Sendable, Hashable {
    public var code: CountyCode
    public var name: LocalizedText
    public var offsets: UTCOffsets
    public var workingHours: [WorkingHours]
    /// When notices rest, unless the case is an emergency.
    public var quietHours: QuietHours?
    /// Owns every case that no rule places (县信访局/综治中心调度岗).
    public var desk: UnitCode
    /// Takes the desk's part when the desk or what it belongs to is accused.
    public var standbyDesk: UnitCode
    public var units: [CountyUnit]
    public var regions: [CountyRegion]
    public var topics: [CountyTopic]
    /// In the order in which they are tried.
    public var rules: [Rule]
    public var packs: [RulePack]
    public var years: [CalendarYear]
    public var overlays: [CalendarOverlay]
    public var templates: [NoticeTemplate]
    /// How many days at the grassroots leaders owe; nil for `DutyRule.standard`.
    public var duties: [DutyRule]?
    /// When leaders get what has happened in one notice, on working days, in seconds from the beginning of the day; nil for 17:00.
    public var digestAt: Int?
    /// How many of a hundred topics that a model gives without a person must be right; nil when every topic is left to a person.
    public var topicPrecision: Int?
    /// When many similar cases are a hot issue; nil for `HotIssueRule.standard`.
    public var hotIssues: HotIssueRule?

    public init(
        code: CountyCode, name: LocalizedText, offsets: UTCOffsets, workingHours: [WorkingHours], quietHours: QuietHours?, desk: UnitCode,
        standbyDesk: UnitCode, units: [CountyUnit], regions: [CountyRegion], topics: [CountyTopic], rules: [Rule], packs: [RulePack],
        years: [CalendarYear], overlays: [CalendarOverlay], templates: [NoticeTemplate],
        duties: [DutyRule]? = nil, digestAt: Int? = nil, topicPrecision: Int? = nil,
        hotIssues: HotIssueRule? = nil
    ) {
        self.code = code
        self.name = name
        self.offsets = offsets
        self.workingHours = workingHours
        self.quietHours = quietHours
        self.desk = desk
        self.standbyDesk = standbyDesk
        self.units = units
        self.regions = regions
        self.topics = topics
        self.rules = rules
        self.packs = packs
        self.years = years
        self.overlays = overlays
        self.templates = templates
        self.duties = duties
        self.digestAt = digestAt
        self.topicPrecision = topicPrecision
        self.hotIssues = hotIssues
    }

    /// The calendar that the definition's years and overlays make.
    public func calendar() -> CountyCalendar {
        CountyCalendar(years: years, overlays: overlays, workingHours: workingHours, offsets: offsets)
    }
}

/// The part of the day in which notices wait, in seconds from the beginning of the day; it may span midnight.
public struct QuietHours: Codable, Sendable, Hashable {
    public var from: Int
    public var until: Int

    public init(from: Int, until: Int) {
        self.from = from
        self.until = until
    }

    /// When a notice that is ready at `instant` may go out: then, or at the end of the quiet hours it falls into.
    public func release(of instant: Instant, offsets: UTCOffsets) -> Instant {
        let time = Int(offsets.timeOfDay(at: instant).components.seconds)
        let date = offsets.date(at: instant)
        if from <= until {
            return time >= from && time < until ? offsets.instant(date, .seconds(until)) : instant
        }
        if time >= from { return offsets.instant(date + 1, .seconds(until)) }
        return time < until ? offsets.instant(date, .seconds(until)) : instant
    }
}
