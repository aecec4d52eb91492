import Models

/// A matter as issues are gathered from it.
struct IssueMatter: Sendable {
    var subject: Subject
    var registered: Instant
    /// `MatterPieces.opening`.
    var opening: String
    /// The beginnings of the keyed hashes of who wrote it; empty for a nameless one.
    var writers: [Int64]
    var likes: Int
    /// The issue that it was put to before; nil while it was put to none.
    var issue: Subject?
}
