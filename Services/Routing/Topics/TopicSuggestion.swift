/// What a topic model makes of one message.
public struct TopicSuggestion: Sendable, Hashable {
    /// The three likeliest topics, or as many as there are, the likeliest first.
    public var choices: [TopicChoice]
    /// How likely the first is right: 0 when the model knows nothing of the message.
    ///
    /// It is compared with
    /// `TopicCalibration.threshold(precision:)`: at least that, and the topic may be given without a person.
    public var confidence: Double
    /// The version of the model.
    public var model: String
}

/// A topic that a message may have, with what speaks for it and against it.
///
/// `bias`, the weights of all pieces shown and `rest` add up to `score` exactly.
public struct TopicChoice: Sendable, Hashable {
    public var topic: String
    public var score: Double
    /// How likely this topic is the right one; those of all topics add up to one, unless the model knows nothing of the message.
    public var confidence: Double
    /// What the topic has before anything is read.
    public var bias: Double
    /// The pieces of the text that raised the score most, the strongest first.
    public var speakingFor: [TopicPiece]
    /// The pieces that lowered it most, the strongest first.
    public var speakingAgainst: [TopicPiece]
    /// What all other pieces add.
    public var rest: Double
    /// How many other pieces there are.
    public var restCount: Int
}

/// A piece of a message, as it stands there, with what it adds to a topic's score.
public struct TopicPiece: Sendable, Hashable {
    public var text: String
    public var weight: Double
}

extension TopicModel {
    /// The likeliest topics of a message, each with the pieces of the text that spoke for and against it.
    ///
    /// - Parameter pieces: how many pieces are shown at most for each side of each topic.
    public func suggestion(for text: String, pieces: Int = 5) -> TopicSuggestion {
        let text = TopicText(text)
        let reading = reading(text)
        let scores = weights.scores(reading)
        let ranking = Self.ranking(scores)
        let shares = reading.entries.isEmpty ? [Double](repeating: 0, count: ranking.count) : shares(scores, ranking)
        let choices = ranking.prefix(3).enumerated().map { rank, topic in
            choice(topic, score: scores[topic], confidence: shares[rank], text, reading, pieces: max(0, pieces))
        }
        return TopicSuggestion(choices: choices, confidence: shares[0], model: version)
    }

    /// How likely each topic is, in the order of the ranking: the first by calibration, the others share what it leaves in
    /// proportion to the exponentials of their scores.
    private func shares(_ scores: [Double], _ ranking: [Int]) -> [Double] {
        let first = calibration.confidence(lead: Self.lead(scores, ranking))
        let second = scores[ranking[1]]
        // exp(x) from the logistic curve: it is odds, and the scores are at or below the second's.
        let others = ranking.dropFirst().map { topic in
            let chance = TopicCalibration.logistic(calibration.slope * (scores[topic] - second))
            return chance / (1 - chance)
        }
        let sum = others.reduce(0, +)
        return [first] + others.map { (1 - first) * $0 / sum }
    }

    private func choice(
        _ topic: Int, score: Double, confidence: Double, _ text: TopicText, _ reading: TopicReading, pieces: Int
    ) -> TopicChoice {
        let scale = weights.scales[topic]
        let reasons = TopicReasons(topic: topic, weights, reading, pieces: pieces)
        func piece(_ place: TopicPlace, _ steps: Int64) -> TopicPiece {
            TopicPiece(text: text.shown(from: place.position, count: place.count), weight: scale.amount(steps))
        }
        return TopicChoice(
            topic: topics[topic], score: score, confidence: confidence, bias: scale.amount(scale.bias),
            speakingFor: reasons.highest.pieces.map { piece($0.place, $0.strength) },
            speakingAgainst: reasons.lowest.pieces.map { piece($0.place, -$0.strength) }, rest: scale.amount(reasons.rest),
            restCount: reasons.restCount)
    }
}
