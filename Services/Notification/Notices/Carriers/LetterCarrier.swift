import Models

/// Puts each notice as a page that is ready to print into an outbox, for people who are reached by nothing but paper.
public struct LetterCarrier: NoticeCarrier {
    public let name: String
    public let channel = NoticeChannel.letter
    private let folder: NoticeFolder

    public init(directory: String, name: String = "letter") {
        self.name = name
        folder = NoticeFolder(path: directory)
    }

    /// Offices of the county have theirs where they are.
    public func obstacle(to letter: NoticeLetter) -> String? {
        letter.recipient.isPetitioner && letter.address?.contains(where: { !$0.isWhitespace }) != true
            ? "the recipient has no postal address" : nil
    }

    public func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        await folder.write(letters, ending: "html") { LetterPage.html(of: $0) }
    }
}
