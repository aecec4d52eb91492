import Models
import Synchronization

/// The topic model that is in force, as the process of routing asks it.
///
/// What it finds depends on the case's text, the model and the county version alone, and is written on the assignment with the model's
/// version: nobody asks again what stands in the ledger.
public final class TopicShelf: Sendable {
    private struct Content {
        var model: TopicModel?
        /// The county's codes for the model's topics, and how sure it must be, by county version.
        var fits: [String: Fit] = [:]
    }

    private struct Fit {
        var codes: [String: TopicCode]
        /// Nil when every topic is left to a person.
        var threshold: Double?
    }

    private let content = Mutex(Content())

    public init() {}

    /// The version of the model in force; nil when there is none.
    public var version: String? { content.withLock { $0.model?.version } }

    /// Puts a model in force in place of another; nil for none.
    public func put(_ model: TopicModel?) { content.withLock { $0 = Content(model: model) } }

    /// What the model makes of a text; nil without a model, and when it knows nothing of the text or none of its topics is the county's.
    func finding(title: String, narrative: String, in county: CountyIndex) -> TopicFinding? {
        guard let (model, fit) = fit(to: county) else { return nil }
        let suggestion = model.suggestion(for: TopicText.joined(title: title, narrative: narrative), pieces: 4)
        guard suggestion.confidence > 0 else { return nil }
        let choices = suggestion.choices.compactMap { choice in
            fit.codes[choice.topic].map { code in
                TopicFinding.Choice(
                    topic: code, share: Int((choice.confidence * 1000).rounded(.down)), words: choice.speakingFor.map(\.text),
                    against: choice.speakingAgainst.map(\.text))
            }
        }
        guard let first = suggestion.choices.first, !choices.isEmpty else { return nil }
        // A topic that the county does not have is given to nobody, nor is the one behind it.
        let isGiven = fit.codes[first.topic] != nil && fit.threshold.map { suggestion.confidence >= $0 } ?? false
        return TopicFinding(model: model.version, choices: choices, given: isGiven)
    }

    private func fit(to county: CountyIndex) -> (TopicModel, Fit)? {
        content.withLock { content in
            guard let model = content.model else { return nil }
            if let known = content.fits[county.version] { return (model, known) }
            let fit = Fit(
                codes: county.codes(of: model.topics),
                threshold: county.definition.topicPrecision.flatMap { model.calibration.threshold(precision: Double($0) / 100) })
            content.fits[county.version] = fit
            return (model, fit)
        }
    }
}

extension CountyIndex {
    /// The topics that a model's labels mean: those whose code, or whose Chinese name, if no other has the same, is the label.
    func codes(of labels: [String]) -> [String: TopicCode] {
        let names = Dictionary(grouping: definition.topics) { $0.name.zh }
        var codes: [String: TopicCode] = [:]
        for label in labels {
            if let code = try? TopicCode(validating: label), topic(code) != nil {
                codes[label] = code
            } else if let topics = names[label], topics.count == 1 {
                codes[label] = topics[0].code
            }
        }
        return codes
    }
}
