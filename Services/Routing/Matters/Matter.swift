import Models

/// What routing keeps of a case so that others of the same matter are found, and issues gathered.
///
/// Of a confidential case nothing is kept: that something is like it would tell of it (Articles 30 and 46).
public struct Matter: Sendable, Hashable {
    package var subject: Subject
    var registered: Instant
    /// Nil for a text that is too short to be known again.
    var sketch: MatterSketch?
    var opening: String
    /// The beginnings of the keyed hashes of who wrote it; empty for a nameless case.
    var writers: [Int64]
    var likes: Int

    /// Nil for a case of which nothing is kept.
    init?(_ subject: Subject, _ facts: CaseRegistered, _ life: CaseLife) {
        if life.isConfidential { return nil }
        self.subject = subject
        registered = facts.registered
        sketch = MatterSketch(title: facts.title, narrative: facts.narrative)
        opening = MatterPieces.opening(title: facts.title, narrative: facts.narrative)
        writers = facts.petitioners.compactMap { UInt64($0.person.prefix(16), radix: 16).map { Int64(bitPattern: $0) } }
        likes = facts.likes ?? 0
    }
}
