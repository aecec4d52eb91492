/// A piece of text that prints itself as `(secret)` wherever it ends up: logs, dumps, string interpolation.
///
/// Whoever needs the text says so with `revealed`, which is easy to search for.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself; hand it to the library that needs it and nowhere else.
    public let revealed: String

    public init(_ text: String) {
        revealed = text
    }

    public var description: String { "(secret)" }
    public var debugDescription: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
