import Testing

@testable import Routing

@Suite("A topic evaluation")
struct TopicEvaluationTests {
    @Test("counts as one does by hand")
    func byHand() {
        // Of a: two recognised, one taken for b. Of b: one recognised, one taken for c, which nobody has.
        let evaluation = TopicEvaluation([
            TopicOutcome(truth: "a", guess: "a", confidence: 0.9), TopicOutcome(truth: "a", guess: "a", confidence: 0.8),
            TopicOutcome(truth: "a", guess: "b", confidence: 0.5), TopicOutcome(truth: "b", guess: "b", confidence: 0.7),
            TopicOutcome(truth: "b", guess: "c", confidence: 0.4),
        ])

        #expect(evaluation.examples == 5)
        #expect(evaluation.accuracy == 0.6)
        #expect(evaluation.topics.map(\.name) == ["a", "b", "c"])
        #expect(evaluation.topics.map(\.precision) == [1, 0.5, 0])
        #expect(evaluation.topics.map(\.recall) == [2.0 / 3, 0.5, 0])
        #expect(evaluation.topics.map(\.f1) == [0.8, 0.5, 0])
        #expect(evaluation.topics.map(\.support) == [3, 2, 0])
        #expect(abs(evaluation.macroF1 - 1.3 / 3) < 1e-12)
        #expect(evaluation.confusion == ["a": ["a": 2, "b": 1], "b": ["b": 1, "c": 1]])
        #expect(evaluation.coverageAt98 == 0.6)
    }

    @Test("finds the largest share of which 98 % are right, behind errors too")
    func coverage() {
        func outcomes(_ count: Int, wrong: Set<Int>) -> [TopicOutcome] {
            (0..<count).map {
                TopicOutcome(truth: "a", guess: wrong.contains($0) ? "b" : "a", confidence: 1 - Double($0) / 1_000)
            }
        }

        // The first is wrong, and 49 of 50 are right; with the error in place 60, 98 of 100 are.
        #expect(TopicEvaluation(outcomes(50, wrong: [0])).coverageAt98 == 1)
        #expect(TopicEvaluation(outcomes(49, wrong: [0])).coverageAt98 == 0)
        #expect(TopicEvaluation(outcomes(100, wrong: [0, 60])).coverageAt98 == 1)
        #expect(TopicEvaluation(outcomes(100, wrong: [0, 60, 99])).coverageAt98 == 0.6)
    }

    @Test("takes outcomes of one confidence together")
    func ties() {
        let outcomes = (0..<100).map { TopicOutcome(truth: "a", guess: $0 < 90 ? "a" : "b", confidence: 0.5) }

        #expect(TopicEvaluation(outcomes).coverageAt98 == 0)
    }

    @Test("of nothing is nothing")
    func nothing() {
        let evaluation = TopicEvaluation([])

        #expect(evaluation.accuracy == 0 && evaluation.macroF1 == 0 && evaluation.coverageAt98 == 0)
        #expect(evaluation.topics.isEmpty && evaluation.confusion.isEmpty)
    }

    @Test("tries each example once, by a model that has not learnt from it")
    func crossValidation() throws {
        let outcomes = try TopicTrainer().crossValidation(of: InventedMessages.examples)

        #expect(outcomes.map(\.truth) == InventedMessages.examples.map(\.topic))
        #expect(TopicEvaluation(outcomes).accuracy > 0.9)
    }
}
