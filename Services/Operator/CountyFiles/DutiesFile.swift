import Models

/// `duties` of `county.yaml`: how many days at the grassroots the leaders of each level owe.
enum DutiesFile {
    static let keys = ["level", "days", "per", "kinds"]

    /// The rules; nil where the county leaves them out.
    static func duties(_ fields: Fields) -> [DutyRule]? {
        guard let list = fields.optional("duties")?.list("\"duties\"") else { return nil }
        var rules: [DutyRule] = []
        for item in list {
            guard let duty = item.fields("a duty", keys) else { continue }
            let level = duty.required("level")?.word("the level", DutyLevel.self)
            let period = duty.required("per")?.word("the period", DutyRule.Period.self)
            let days = duty.required("days")?.integer("\"days\"", 0...DutyRule.mostDays(per: period ?? .month))
            let kinds: [SessionKind]? = duty.optional("kinds") == nil ? nil : duty.words("kinds")
            guard let level, let period, let days else { continue }
            if rules.contains(where: { $0.level == level }) {
                item.mistake("the level \"\(level.rawValue)\" has a duty already", "Keep one line for each level.")
                continue
            }
            rules.append(DutyRule(level: level, days: days, per: period, kinds: kinds))
        }
        return rules
    }
}
