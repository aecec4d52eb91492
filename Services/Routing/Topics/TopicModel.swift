/// Names the topic (内容分类) of a message, and says which of its words spoke for it.
///
/// A linear classifier over pieces of one to four letters, made by `TopicTrainer`. The model is a value and asks nobody: the same
/// bytes give the same suggestions on every machine. Scores are whole numbers of steps that are powers of two, so that the bias
/// and the contributions of all pieces add up to the score exactly, in any order. Of a message only the first 4,000 characters
/// are looked at.
public struct TopicModel: Sendable {
    /// The names of the topics, as the examples had them, in the order of their UTF-8.
    public let topics: [String]
    /// How many examples it was made of, repeats not counted.
    public let examples: Int
    /// How far its confidence can be trusted, and which target needs which threshold.
    public let calibration: TopicCalibration
    /// The name of exactly this model: `t-` and the first 16 hexadecimal digits of SHA-256 over its bytes.
    public let version: String

    let vocabulary: TopicVocabulary
    let weights: TopicWeights

    /// The most pieces that a model may know.
    static let mostPieces = 1 << 19
    static let mostTopics = 1_000

    init(
        topics: [String], examples: Int, calibration: TopicCalibration, vocabulary: TopicVocabulary, weights: TopicWeights
    ) {
        (self.topics, self.examples, self.calibration) = (topics, examples, calibration)
        (self.vocabulary, self.weights) = (vocabulary, weights)
        version = Self.version(of: Self.content(topics, examples, calibration, vocabulary, weights))
    }

    /// The pieces of a text that the model knows, each with how much it counts.
    func reading(_ text: TopicText) -> TopicReading {
        TopicReading(text, vocabulary: vocabulary, weights: weights)
    }

    /// The topic that a message most likely has, and how sure that is; `suggestion(for:)` also says why.
    ///
    /// The confidence is 0 when the model knows no piece of the message.
    public func firstChoice(for text: String) -> (topic: String, confidence: Double) {
        let reading = reading(TopicText(text))
        let scores = weights.scores(reading)
        let ranking = Self.ranking(scores)
        return (topics[ranking[0]], reading.entries.isEmpty ? 0 : calibration.confidence(lead: Self.lead(scores, ranking)))
    }

    /// The numbers of the topics, the highest score first; the earlier topic first where scores are equal.
    static func ranking(_ scores: [Double]) -> [Int] {
        scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    }

    /// By how much the first topic's score is above the second's.
    static func lead(_ scores: [Double], _ ranking: [Int]) -> Double { scores[ranking[0]] - scores[ranking[1]] }
}
