import Models

/// By which ways people are told, in the order in which they are tried.
///
/// Both lists hold names of ways, at least one each. The first way has every new notice; from there it goes to the next one when the way
/// does not reach its recipient, or has refused it for good.
public struct NoticeRoutes: Sendable, Hashable {
    public var petitioners: [String]
    public var units: [String]

    public init(petitioners: [String], units: [String]) {
        self.petitioners = petitioners
        self.units = units
    }

    /// Everybody by files, which is so unless somebody sets up more.
    public static let files = NoticeRoutes(petitioners: ["file"], units: ["file"])

    func ways(to recipient: NoticeRecipient) -> [String] { recipient.isPetitioner ? petitioners : units }

    /// The way that has a new notice.
    func first(to recipient: NoticeRecipient) -> String { ways(to: recipient).first ?? Self.files.petitioners[0] }

    /// The way that has a notice after `way`; nil when that was the last.
    func next(after way: String, to recipient: NoticeRecipient) -> String? {
        let ways = ways(to: recipient)
        return ways.firstIndex(of: way).flatMap { ways.dropFirst($0 + 1).first }
    }
}
