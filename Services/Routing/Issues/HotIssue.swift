import Models

/// An issue as it is told.
struct HotIssue: Sendable {
    var subject: Subject
    var title: String
    var kind: CaseKind
    var topic: TopicCode?
    var region: RegionCode?
    var units: [UnitCode]
    var heat: IssueHeat
    var told: Int
    var wave: Int
    var since: Instant
    var latest: Instant
    /// Some of its cases, the latest first.
    var cases: [CaseID]

    /// What is stated when it has become as hot as `level`; without an open case it is the dispatch desk's.
    func heating(level: Int, desk: UnitCode) -> IssueHeating {
        IssueHeating(
            title: title, topic: topic, region: region, kind: kind, unit: units.first ?? desk, units: units.isEmpty ? [desk] : units,
            heat: heat, level: level, since: since, cases: cases)
    }
}
