import Glibc

/// How far a topic model's confidence can be trusted, as measured on messages that it had not learnt from.
public struct TopicCalibration: Sendable, Hashable {
    /// What happened among the messages of at least some confidence.
    public struct Point: Sendable, Hashable {
        public var confidence: Double
        /// How many messages had at least this confidence.
        public var taken: Int
        /// How many of those got the right topic.
        public var right: Int

        public init(confidence: Double, taken: Int, right: Int) {
            (self.confidence, self.taken, self.right) = (confidence, taken, right)
        }

        public var precision: Double { taken > 0 ? Double(right) / Double(taken) : 0 }
    }

    /// The confidence of a first choice is 1 / (1 + exp(-(slope × lead + offset))), the lead being its score over the second's.
    let slope: Double
    let offset: Double
    /// How many messages were tried.
    public let tried: Int
    /// By falling confidence; `taken` rises.
    public let curve: [Point]

    /// How many points a curve has at most: one for each half percent of the messages.
    static let mostPoints = 200

    init(slope: Double, offset: Double, tried: Int, curve: [Point]) {
        (self.slope, self.offset, self.tried, self.curve) = (slope, offset, tried, curve)
    }

    /// Measures by messages that were held out: by how much the first choice led, and whether it was right.
    init(leads: [(lead: Double, isRight: Bool)]) {
        let (slope, offset) = Self.curveFit(leads)
        let ranked = leads.map { (confidence: Self.logistic(slope * $0.lead + offset), isRight: $0.isRight) }
            .sorted { $0.confidence > $1.confidence }
        var curve: [Point] = []
        var right = 0
        for (place, item) in ranked.enumerated() {
            if item.isRight { right += 1 }
            let isLast = place + 1 == ranked.count
            // Messages of the same confidence are taken together or not at all.
            if !isLast, ranked[place + 1].confidence == item.confidence { continue }
            let step = ranked.count * curve.count / Self.mostPoints
            if isLast || place + 1 > step && curve.count < Self.mostPoints - 1 {
                curve.append(Point(confidence: item.confidence, taken: place + 1, right: right))
            }
        }
        self.init(slope: slope, offset: offset, tried: leads.count, curve: curve)
    }

    /// The confidence of a first choice that leads by so much.
    func confidence(lead: Double) -> Double { Self.logistic(slope * lead + offset) }

    /// The least confidence with which topics may be given without a person so that at least this share of them is right; nil
    /// when the measured messages bear out no such confidence.
    ///
    /// One more error than was seen is counted, so that few messages cannot promise much: 98 % takes at least 49 without any.
    public func threshold(precision: Double) -> Double? { point(precision: precision)?.confidence }

    /// The share of all messages whose topics may then be given without a person.
    public func coverage(precision: Double) -> Double {
        guard tried > 0, let point = point(precision: precision) else { return 0 }
        return Double(point.taken) / Double(tried)
    }

    private func point(precision: Double) -> Point? {
        curve.last { Double($0.right) >= precision * Double($0.taken + 1) }
    }

    static func logistic(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

    /// The slope and offset under which the outcomes are likeliest, by Newton's method, with two invented outcomes, one of each
    /// kind, so that outcomes of one kind alone lead to no certainty.
    private static func curveFit(_ leads: [(lead: Double, isRight: Bool)]) -> (Double, Double) {
        let rights = Double(leads.count { $0.isRight })
        let (high, low) = ((rights + 1) / (rights + 2), 1 / (Double(leads.count) - rights + 2))
        var (slope, offset) = (1.0, 0.0)
        for _ in 0..<100 {
            // The first and second derivatives of the loss, with a small penalty that keeps the equations solvable.
            var (towardSlope, towardOffset) = (1e-3 * (slope - 1), 1e-3 * offset)
            var (bendSlope, bendBoth, bendOffset) = (1e-3, 0.0, 1e-3)
            for item in leads {
                let guess = logistic(slope * item.lead + offset)
                let miss = guess - (item.isRight ? high : low)
                let bend = max(guess * (1 - guess), 1e-12)
                towardSlope += miss * item.lead
                towardOffset += miss
                bendSlope += bend * item.lead * item.lead
                bendBoth += bend * item.lead
                bendOffset += bend
            }
            let determinant = bendSlope * bendOffset - bendBoth * bendBoth
            guard determinant > 0 else { break }
            let moveSlope = (bendOffset * towardSlope - bendBoth * towardOffset) / determinant
            let moveOffset = (bendSlope * towardOffset - bendBoth * towardSlope) / determinant
            // Steps are bounded: far from the solution Newton's method may leap.
            slope -= min(max(moveSlope, -2), 2)
            offset -= min(max(moveOffset, -2), 2)
            if abs(moveSlope) < 1e-9, abs(moveOffset) < 1e-9 { break }
        }
        // A larger lead never lowers the confidence.
        return (min(max(slope, 1e-3), 1e3), min(max(offset, -1e3), 1e3))
    }
}
