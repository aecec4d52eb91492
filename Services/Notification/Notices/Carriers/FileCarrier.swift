import Models

/// Puts each notice as a JSON file of its own into the folder of its event's day: for printing, or for a gateway that reads files.
public struct FileCarrier: NoticeCarrier {
    public let name: String
    private let folder: NoticeFolder

    public init(directory: String, name: String = "file") {
        self.name = name
        folder = NoticeFolder(path: directory)
    }

    public func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        await folder.write(letters, ending: "json", \.document)
    }
}
