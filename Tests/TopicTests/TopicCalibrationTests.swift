import Testing

@testable import Routing

@Suite("A topic model's calibration")
struct TopicCalibrationTests {
    /// A hundred messages with leads from 1.00 down to 0.01, wrong in the given places.
    private func calibration(wrong: Set<Int>) -> TopicCalibration {
        TopicCalibration(leads: (0..<100).map { (lead: Double(100 - $0) / 100, isRight: !wrong.contains($0)) })
    }

    @Test("takes as many as keep the precision, one unseen error counted")
    func threshold() throws {
        let calibration = calibration(wrong: [60, 70, 75, 80, 85, 90])

        let point = try #require(calibration.threshold(precision: 0.98))

        // Without an error 60 are taken: 60 / 61 is above 0.98. With the first error 60 / 62 is below, and so it stays.
        #expect(calibration.coverage(precision: 0.98) == 0.6)
        #expect(calibration.confidence(lead: 0.41) >= point)
        #expect(calibration.confidence(lead: 0.40) < point)
    }

    @Test("asks for more confidence when more precision is asked")
    func monotone() {
        let calibration = calibration(wrong: [60, 70, 75, 80, 85, 90])
        let targets = [0.5, 0.8, 0.9, 0.95, 0.98]

        let thresholds = targets.compactMap(calibration.threshold)

        #expect(thresholds.count == targets.count)
        #expect(thresholds == thresholds.sorted())
        #expect(targets.map(calibration.coverage) == targets.map(calibration.coverage).sorted(by: >))
    }

    @Test("promises nothing that was not borne out")
    func nothing() {
        #expect(calibration(wrong: [0, 10, 20, 30]).threshold(precision: 0.98) == nil)
        #expect(TopicCalibration(leads: []).threshold(precision: 0.5) == nil)
        #expect(TopicCalibration(leads: (0..<48).map { (lead: Double($0), isRight: true) }).threshold(precision: 0.98) == nil)
        #expect(TopicCalibration(leads: (0..<49).map { (lead: Double($0), isRight: true) }).threshold(precision: 0.98) != nil)
    }

    @Test("takes messages of one confidence together")
    func ties() {
        let calibration = TopicCalibration(leads: (0..<100).map { (lead: 1, isRight: $0 < 60) })

        #expect(calibration.curve.map(\.taken) == [100])
        #expect(calibration.threshold(precision: 0.9) == nil)
    }

    @Test("rises with the lead and comes near the truth")
    func logistic() {
        // Below a lead of 1 half are right, above all.
        let calibration = TopicCalibration(
            leads: (0..<1_000).map { (place: Int) -> (lead: Double, isRight: Bool) in
                let isRight = place >= 500 || place % 2 == 0
                return (lead: Double(place) / 500, isRight: isRight)
            })

        #expect(calibration.confidence(lead: 0.2) < calibration.confidence(lead: 0.8))
        #expect(calibration.confidence(lead: 2) > 0.95)
        #expect((0.3...0.6).contains(calibration.confidence(lead: 0.2)))
        #expect(calibration.curve.count <= 200)
        #expect(calibration.curve.last?.taken == 1_000)
    }
}
