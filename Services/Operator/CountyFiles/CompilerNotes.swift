import Models

/// What the compiler has found out so far: mistakes, the codes that are defined, and the mentions of codes still to be checked.
///
/// Codes are noted as soon as they are read, so that a mistake elsewhere in a unit does not make every mention of it look wrong.
final class CompilerNotes {
    private(set) var mistakes: Set<CountyMistake> = []
    /// What is no mistake, but may be meant otherwise.
    private(set) var remarks: Set<CountyMistake> = []
    var units = Definitions<UnitCode>()
    var regions = Definitions<RegionCode>()
    var topics = Definitions<TopicCode>()
    var rules = Definitions<RuleCode>()
    var packs = Definitions<RulePackCode>()
    /// Packs with a clock that could not be read, so that nothing can be said of what they lack.
    var packsInDoubt: Set<RulePackCode> = []

    func mistake(_ place: Place, _ reason: String, _ remedy: String) {
        mistakes.insert(CountyMistake(file: place.file, line: place.line, reason: reason, remedy: remedy))
    }

    func remark(_ place: Place, _ reason: String, _ advice: String) {
        remarks.insert(CountyMistake(file: place.file, line: place.line, reason: reason, remedy: advice))
    }

    /// Reports every mention of a code that is defined nowhere.
    func checkMentions() {
        check(units)
        check(regions)
        check(topics)
        check(packs)
    }

    private func check<C: Code>(_ definitions: Definitions<C>) {
        guard definitions.isComplete else { return }
        for (code, place) in definitions.mentions where definitions.places[code] == nil {
            let similar = Spelling.nearest(to: code.text, among: definitions.places.keys.map(\.text))
            let remedy = similar.map { "Did you mean \"\($0)\"?" } ?? "Define it or name another."
            mistake(place, "there is no \(C.noun) \"\(code)\"", remedy)
        }
    }
}

/// The places where codes of one sort are defined and mentioned.
struct Definitions<C: Code> {
    var places: [C: Place] = [:]
    var mentions: [(C, Place)] = []
    /// False when the file that defines them could not be read, so that mentions cannot be judged.
    var isComplete = true

    /// Notes a definition; returns the place of an earlier one of the same code.
    mutating func define(_ code: C, _ place: Place) -> Place? {
        if let earlier = places[code] { return earlier }
        places[code] = place
        return nil
    }

    mutating func mention(_ code: C, _ place: Place) { mentions.append((code, place)) }
}
