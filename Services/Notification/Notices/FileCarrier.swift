import Glibc
import Models

/// Puts each notice as a file of its own into the folder of its event's day: for printing, or for a gateway that reads files.
///
/// A file's name holds the notice's identifier, so a notice that is delivered twice is still one file. Files appear whole or
/// not at all (`rename(2)`) and are on disk before they count as delivered (`syncfs(2)`, once for a batch). They hold
/// personal data and are readable by their owner only.
public struct FileCarrier: NoticeCarrier {
    public let name = "file"
    private let directory: String

    public init(directory: String) { self.directory = directory }

    public func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        var outcomes: [NoticeOutcome] = []
        for letter in letters { outcomes.append(write(letter)) }
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, syncFileSystem(descriptor) else {
            if descriptor >= 0 { close(descriptor) }
            return letters.map { _ in .later("the folder of notices could not be written to disk: \(Self.reason)") }
        }
        close(descriptor)
        return outcomes
    }

    private func write(_ letter: NoticeLetter) -> NoticeOutcome {
        let folder = "\(directory)/\(letter.date)"
        if mkdir(folder, 0o700) != 0, errno != EEXIST { return .later("the folder of a day's notices cannot be made: \(Self.reason)") }
        let name = "\(letter.number)-\(letter.template.rawValue)-\(letter.id)"
        let path = "\(folder)/.\(name).part"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return .later("a notice cannot be written: \(Self.reason)") }
        let document = letter.document
        let written = document.withUnsafeBytes { bytes -> Bool in
            var offset = 0
            while offset < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
                if count <= 0 { return false }
                offset += count
            }
            return true
        }
        close(descriptor)
        guard written, rename(path, "\(folder)/\(name).json") == 0 else { return .later("a notice cannot be written: \(Self.reason)") }
        return .delivered
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// Writes the whole file system of `descriptor` to disk (`syncfs(2)`); false when that failed.
///
/// Glibc's module shows the function only with GNU extensions, so it is looked up by name; its C type is `int (int)`.
private func syncFileSystem(_ descriptor: Int32) -> Bool {
    guard let address = dlsym(nil, "syncfs") else { return fsync(descriptor) == 0 }
    return unsafeBitCast(address, to: (@convention(c) (Int32) -> Int32).self)(descriptor) == 0
}
