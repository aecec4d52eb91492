import Models

/// What a list of cases is narrowed to; what is nil narrows nothing.
struct CaseFilter: Equatable, Sendable {
    var stages: [Stage]?
    /// The accountable unit is one of these.
    var units: [UnitCode]?
    var topics: [TopicCode]?
    var regions: [RegionCode]?
    var kinds: [CaseKind]?
    var channels: [Channel]?
    /// Registered at this moment or later.
    var from: Instant?
    /// Registered before this moment.
    var until: Instant?
    /// A clock that is owed is past due.
    var isOverdue = false
    /// Stands in the title or the number.
    var text: String?

    /// A case's identifier begins with the moment at which its registration was asked for, which may lie this long before the one at
    /// which it was registered.
    private static let leeway = Duration.seconds(3600)

    /// The identifiers that cases of this time of registration may have.
    var bounds: (lowest: Subject, below: Subject) {
        func first(_ instant: Instant) -> Subject {
            Subject(UniqueID(high: UInt64(clamping: instant.microseconds / 1000) << 16, low: 0))
        }
        return (
            from.map { first($0 - Self.leeway) } ?? Subject(UniqueID(high: 0, low: 0)),
            until.map { first($0 + Self.leeway) } ?? Subject(UniqueID(high: .max, low: .max))
        )
    }
}
