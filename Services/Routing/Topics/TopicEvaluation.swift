/// A message whose topic is known, with what a model took it for.
public struct TopicOutcome: Sendable, Hashable {
    public var truth: String
    public var guess: String
    public var confidence: Double

    public init(truth: String, guess: String, confidence: Double) {
        (self.truth, self.guess, self.confidence) = (truth, guess, confidence)
    }
}

/// How good a topic model is, by messages whose topics are known.
public struct TopicEvaluation: Sendable, Hashable {
    /// How one topic fared.
    ///
    /// A figure without cases, such as the precision of a topic that was never guessed, is 0.
    public struct Topic: Sendable, Hashable {
        public var name: String
        /// The share of right ones among the messages that were taken for this topic.
        public var precision: Double
        /// The share of those recognised among the messages of this topic.
        public var recall: Double
        /// The harmonic mean of both.
        public var f1: Double
        /// How many messages of this topic there were.
        public var support: Int
    }

    public let examples: Int
    /// The share of messages with the right topic.
    public let accuracy: Double
    /// The mean of `f1` over all topics that a message had or was taken for.
    public let macroF1: Double
    /// The largest share of messages, taken by falling confidence, among which at least 98 % are right.
    public let coverageAt98: Double
    /// In the order of their names (by UTF-8).
    public let topics: [Topic]
    /// How many messages of a topic, the outer key, were taken for another; only what occurred.
    public let confusion: [String: [String: Int]]

    public init(_ outcomes: [TopicOutcome]) {
        var confusion: [String: [String: Int]] = [:]
        var guesses: [String: Int] = [:]
        for outcome in outcomes {
            confusion[outcome.truth, default: [:]][outcome.guess, default: 0] += 1
            guesses[outcome.guess, default: 0] += 1
        }
        let names = Set(confusion.keys).union(guesses.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        topics = names.map { name in
            let row = confusion[name] ?? [:]
            let (right, support, guessed) = (row[name] ?? 0, row.values.reduce(0, +), guesses[name] ?? 0)
            func share(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
            return Topic(
                name: name, precision: share(right, of: guessed), recall: share(right, of: support),
                f1: share(2 * right, of: support + guessed), support: support)
        }
        self.confusion = confusion
        examples = outcomes.count
        let right = outcomes.count { $0.truth == $0.guess }
        accuracy = outcomes.isEmpty ? 0 : Double(right) / Double(outcomes.count)
        macroF1 = topics.isEmpty ? 0 : topics.reduce(0) { $0 + $1.f1 } / Double(topics.count)
        coverageAt98 = Self.coverage(outcomes, precision: (98, 100))
    }

    /// The largest share of outcomes, taken by falling confidence, among which the share of right ones is at least the fraction;
    /// outcomes of the same confidence are taken together or not at all.
    static func coverage(_ outcomes: [TopicOutcome], precision: (numerator: Int, denominator: Int)) -> Double {
        let ranked = outcomes.sorted { $0.confidence > $1.confidence }
        var (right, most) = (0, 0)
        for (place, outcome) in ranked.enumerated() {
            if outcome.truth == outcome.guess { right += 1 }
            if place + 1 < ranked.count, ranked[place + 1].confidence == outcome.confidence { continue }
            if right * precision.denominator >= (place + 1) * precision.numerator { most = place + 1 }
        }
        return outcomes.isEmpty ? 0 : Double(most) / Double(outcomes.count)
    }
}
