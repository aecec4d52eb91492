import Models

/// `hot-issues` of `county.yaml`: when many similar cases are a hot issue, and what makes one hotter than another.
enum HotIssuesFile {
    static let keys = ["days", "least", "weights", "alarm"]
    static let weights = ["cases", "people", "growth", "likes"]

    /// The rule; nil where the county leaves it out.
    ///
    /// What it does not name is as in `HotIssueRule.standard`.
    static func rule(_ fields: Fields) -> HotIssueRule? {
        guard let own = fields.optional("hot-issues")?.fields("\"hot-issues\"", keys) else { return nil }
        var rule = HotIssueRule.standard
        if let days = own.optional("days")?.integer("\"days\"", 7...400) { rule.days = days }
        if let least = own.optional("least")?.integer("\"least\"", 2...1_000) { rule.least = least }
        if let alarm = hundredths(own.optional("alarm"), "\"alarm\"", upTo: 1_000_000) { rule.alarm = alarm }
        if let parts = own.optional("weights")?.fields("\"weights\"", weights) {
            func weight(_ name: String, _ path: WritableKeyPath<HotIssueRule, Int>) {
                if let value = hundredths(parts.optional(name), "the weight of \(name)", upTo: 1_000) { rule[keyPath: path] = value }
            }
            weight("cases", \.cases)
            weight("people", \.people)
            weight("growth", \.growth)
            weight("likes", \.likes)
        }
        return rule
    }

    /// Reads a number with at most two digits behind its point, as hundredths.
    private static func hundredths(_ item: Item?, _ what: String, upTo most: Int) -> Int? {
        guard let item, let text = item.text(what) else { return nil }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? parts[1] + String(repeating: "0", count: max(0, 2 - parts[1].count)) : "00"
        guard let whole = Int(parts[0]), (0...most).contains(whole), digits.count == 2, let rest = Int(digits), (0..<100).contains(rest),
            parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            item.mistake(
                "\(what) \"\(text)\" is no number from 0 to \(most)", "Write it like 1 or 0.05, with two digits behind the point at most.")
            return nil
        }
        return whole * 100 + rest
    }
}
