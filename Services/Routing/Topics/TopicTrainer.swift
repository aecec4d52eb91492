/// Makes topic models of examples, and tries out how good they are.
///
/// Deterministic: the same examples in the same order give the same bytes. Corrections by dispatchers are examples like others,
/// put behind the older ones: of several examples with the same text the last topic holds.
public struct TopicTrainer: Sendable {
    /// In how many parts the examples are split to measure how far confidence can be trusted.
    public var folds = 5

    public init() {}

    /// A model of the examples, calibrated by parts of them that were held out.
    public func model(of examples: [TopicExample]) throws(TopicTrainingError) -> TopicModel {
        let examples = try checked(examples)
        let matrix = TopicMatrix(examples)
        let calibration = TopicCalibration(leads: heldOut(matrix).map { ($0.lead, $0.guess == matrix.labels[$0.row]) })
        let fit = TopicFit(matrix, rows: Array(matrix.rows))
        return TopicModel(
            topics: matrix.topics, examples: examples.count, calibration: calibration,
            vocabulary: TopicVocabulary(hashes: matrix.hashes), weights: TopicWeights(fit))
    }

    /// What each example, repeats not counted, is taken for by a model of the others in `folds` parts.
    public func crossValidation(of examples: [TopicExample]) throws(TopicTrainingError) -> [TopicOutcome] {
        let matrix = TopicMatrix(try checked(examples))
        let heldOut = heldOut(matrix)
        let calibration = TopicCalibration(leads: heldOut.map { ($0.lead, $0.guess == matrix.labels[$0.row]) })
        return heldOut.map { one in
            TopicOutcome(
                truth: matrix.topics[matrix.labels[one.row]], guess: matrix.topics[one.guess],
                confidence: calibration.confidence(lead: one.lead))
        }
    }

    /// The examples without repeats, or why there can be no model.
    private func checked(_ examples: [TopicExample]) throws(TopicTrainingError) -> [TopicExample] {
        precondition(folds >= 2, "examples are split in at least two parts")
        let kept = TopicExample.withoutRepeats(examples)
        let topics = Set(kept.map(\.topic))
        if topics.count < 2 {
            throw TopicTrainingError(
                description: "a topic model needs examples of at least two topics, and these have \(topics.count): add others")
        }
        if topics.count > TopicModel.mostTopics {
            throw TopicTrainingError(
                description: "a topic model tells at most \(TopicModel.mostTopics) topics apart, and these are \(topics.count)")
        }
        if let topic = topics.first(where: { $0.isEmpty || $0.utf8.count > 1_000 }) {
            let what = topic.isEmpty ? "is empty" : "is longer than 1000 bytes"
            throw TopicTrainingError(description: "the topic of an example \(what): name it, or leave the example out")
        }
        return kept
    }

    /// A row as a model took it that had not learnt from it.
    private struct HeldOut {
        var row: Int
        var guess: Int
        var lead: Double
    }

    /// Every row, in the order of the rows.
    private func heldOut(_ matrix: TopicMatrix) -> [HeldOut] {
        let parts = self.parts(matrix)
        var all: [HeldOut] = []
        for part in 0..<folds {
            let fit = TopicFit(matrix, rows: matrix.rows.filter { parts[$0] != part })
            for row in matrix.rows where parts[row] == part {
                let scores = fit.scores(matrix, row: row)
                let ranking = TopicModel.ranking(scores)
                all.append(HeldOut(row: row, guess: ranking[0], lead: TopicModel.lead(scores, ranking)))
            }
        }
        return all.sorted { $0.row < $1.row }
    }

    /// The part of each row: every topic is dealt out evenly.
    private func parts(_ matrix: TopicMatrix) -> [Int] {
        var parts = [Int](repeating: 0, count: matrix.labels.count)
        var random = SeededOrder(seed: 1)
        var next = 0
        for topic in matrix.topics.indices {
            var rows = matrix.rows.filter { matrix.labels[$0] == topic }
            random.shuffle(&rows)
            for row in rows {
                parts[row] = next % folds
                next += 1
            }
        }
        return parts
    }
}
