/// The names of the published language, which departments rely on.
public enum FeedLanguage {
    /// CloudEvents' `source` of every entry.
    public static let source = "/huiyin/feed"

    /// The schema of a type's data, with its version: members may be added under the same version, nothing else changes.
    public static func schema(of type: String) -> String { "urn:huiyin:feed:\(type):1" }

    /// What a subscription is sent to see whether it hears: it tells of no case and has no position.
    public static let test = "huiyin.test"
}
