public import Models

extension FormReader {
    /// The parts of an answer (Article 32): claim, facts, opinion, conclusion and basis; nil when one is missing or faulty.
    public mutating func answer() -> AnswerText? {
        let longest = 10_000
        let claim = text("claim", longest: longest, isRequired: true, hasLines: true)
        let facts = text("facts", longest: longest, isRequired: true, hasLines: true)
        let opinion: Opinion? = choice("opinion", default: nil)
        let conclusion = text("conclusion", longest: longest, isRequired: true, hasLines: true)
        let basis = text("basis", longest: longest, isRequired: true, hasLines: true)
        guard let claim, let facts, let opinion, let conclusion, let basis else { return nil }
        return AnswerText(claim: claim, facts: facts, opinion: opinion, conclusion: conclusion, basis: basis)
    }
}
