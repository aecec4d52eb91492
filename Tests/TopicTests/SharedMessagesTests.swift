import TestSupport
import Testing

@testable import Operator
@testable import Routing

@Suite("Messages of one city")
struct SharedMessagesTests {
    static let path = SharedData.path("topic-train.csv")

    @Test(
        "are told apart by a model of four hundred", .enabled(if: path != nil, SharedData.absence))
    func subset() throws {
        let examples = try TopicFile(path: try #require(Self.path)).examples
        // Every twentieth message.
        let some = stride(from: 0, to: examples.count, by: 20).map { examples[$0] }
        var trainer = TopicTrainer()
        trainer.folds = 2

        let evaluation = TopicEvaluation(try trainer.crossValidation(of: some))

        #expect(evaluation.accuracy > 0.6, "\(evaluation.accuracy)")
    }
}
