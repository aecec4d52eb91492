import Glibc
import Models
import NIOPosix

/// A folder of notices, with a folder for each day in it.
///
/// Files appear whole or not at all (`rename(2)`) and are on disk before they count as delivered (`syncfs(2)`, once for a batch). They hold
/// personal data and are readable by their owner only. A file's name holds the notice's identifier, so a notice that is delivered twice is
/// still one file.
struct NoticeFolder: Sendable {
    let path: String

    /// Writes a file for each letter, and says what became of each; on a thread of its own kind, for a mount that hangs takes it along.
    func write(
        _ letters: [NoticeLetter], ending: String, _ content: @escaping @Sendable (NoticeLetter) -> [UInt8]
    ) async -> [NoticeOutcome] {
        do {
            return try await NIOThreadPool.singleton.runIfActive { put(letters, ending, content) }
        } catch {
            return letters.map { _ in .untried("it was not tried: the service ends") }
        }
    }

    private func put(_ letters: [NoticeLetter], _ ending: String, _ content: (NoticeLetter) -> [UInt8]) -> [NoticeOutcome] {
        let outcomes = letters.map { put($0, ending, content($0)) }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, syncFileSystem(descriptor) else {
            let reason = Self.reason
            if descriptor >= 0 { close(descriptor) }
            return letters.map { _ in .down("the folder of notices could not be written to disk: \(reason)") }
        }
        close(descriptor)
        return outcomes
    }

    private func put(_ letter: NoticeLetter, _ ending: String, _ bytes: [UInt8]) -> NoticeOutcome {
        let folder = "\(path)/\(letter.date)"
        if mkdir(folder, 0o700) != 0, errno != EEXIST { return .down("the folder of a day's notices cannot be made: \(Self.reason)") }
        let name = "\(letter.number)-\(letter.template.rawValue)-\(letter.id)"
        let draft = "\(folder)/.\(name).part"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return .down("a notice cannot be written: \(Self.reason)") }
        let written = bytes.withUnsafeBytes { bytes -> Bool in
            var offset = 0
            while offset < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
                if count <= 0 { return false }
                offset += count
            }
            return true
        }
        close(descriptor)
        guard written, rename(draft, "\(folder)/\(name).\(ending)") == 0 else {
            return .down("a notice cannot be written: \(Self.reason)")
        }
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
