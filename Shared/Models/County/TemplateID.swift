/// The occasions for which a county writes notices.
public enum TemplateID: String, CaseIterable, Codable, Sendable, Hashable {
    // To the petitioner.
    case receipt, accepted
    case notAccepted = "not-accepted"
    case redirected, extended, rescheduled, delayed, answered, status, closed, merged
    // To units and their superiors.
    case assigned
    case coHandling = "co-handling"
    case warned, passed, supervised, rated
    /// To leaders and units: many write of one thing.
    case heating
    // To leaders: what would have been many notices.
    case digest

    /// The templates that a county cannot do without.
    public static let required: [TemplateID] = [.receipt, .assigned, .warned, .passed]

    /// The fields that the notice's writer provides; a template may name no others.
    public var fields: [TemplateField] {
        if self == .digest { return [.county, .day, .count, .lines] }
        if self == .heating { return [.county, .unit, .title, .topic, .region, .count, .people, .day, .lines] }
        let always: [TemplateField] = [.caseNumber, .title, .county, .unit]
        return always
            + {
                switch self {
                case .receipt: [.queryCode, .registeredOn, .queryAddress]
                case .accepted: [.dueOn, .clock, .citation]
                case .notAccepted, .redirected: [.reason, .lawfulWay, .citation]
                case .extended: [.reason, .dueOn, .citation]
                case .rescheduled: [.clock, .reason, .dueOn, .citation]
                case .delayed: [.clock, .dueOn, .nextOn]
                case .answered: [.answer, .reviewUntil, .reviewUnit, .citation]
                case .status: [.stage]
                case .closed: [.outcome]
                case .merged: [.firstCaseNumber, .stage]
                case .assigned, .coHandling: [.topic, .region, .urgency, .clock, .dueOn, .citation, .reason, .leadUnit]
                case .warned, .passed, .supervised: [.clock, .dueOn, .share, .citation, .reason, .daysLate]
                case .rated: [.rating]
                case .digest, .heating: []
                }
            }()
    }
}

/// A fact that a notice may state; the raw value is its name in templates.
public enum TemplateField: String, CaseIterable, Codable, Sendable, Hashable {
    case caseNumber, title, county, unit, queryCode, queryAddress, registeredOn, dueOn, clock, citation, reason, lawfulWay, nextOn
    case answer, reviewUntil, reviewUnit, outcome, firstCaseNumber, stage, topic, region, urgency, leadUnit, share, daysLate, rating, day,
        count, people, lines
}
