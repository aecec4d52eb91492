/// A mistake in the operator's file of ways, with its line.
struct WayFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do, before the line is known.
    struct Reason: Error, Sendable, Hashable {
        var reason: String
        var remedy: String
    }

    /// From 1; nil for the file as a whole.
    var line: Int?
    var reason: String
    var remedy: String

    var description: String { "\(line.map { "line \($0): " } ?? "")\(reason). \(remedy)" }
}
