import Models
import ServiceKit

/// The body of `POST /v1/known-cases`: what somebody is about to write, and who they are.
struct KnownCasesForm {
    let petitioners: [RegistrationForm.Person]
    private let sketch: MatterSketch?
    private let letters: [UInt32]

    init(_ body: [UInt8]) throws(Problem) {
        var reader = try FormReader(body: body)
        let title = reader.text("title", longest: RegistrationForm.longestTitle, isRequired: true) ?? ""
        let narrative = reader.text("narrative", longest: RegistrationForm.longestNarrative, isRequired: false, hasLines: true) ?? ""
        petitioners = reader.people("petitioners", most: 20)
        if petitioners.isEmpty { reader.fault("/petitioners", "name the petitioner as the case will: with name, phone or both") }
        try reader.finish().check()
        sketch = MatterSketch(title: title, narrative: narrative)
        letters = Self.letters(title, narrative)
    }

    /// How much of what was written before stands in it again, from 0 to 1; of texts that are very short only whether they are the same.
    func likeness(title: String, narrative: String) -> Double {
        if let sketch, let other = MatterSketch(title: title, narrative: narrative) { return sketch.likeness(to: other) }
        return letters == Self.letters(title, narrative) ? 1 : 0
    }

    private static func letters(_ title: String, _ narrative: String) -> [UInt32] {
        PlainLetters.of(title, atMost: 4_000) + PlainLetters.of(narrative, atMost: 4_000)
    }
}
