import FoundationEssentials
import Glibc

/// Shows the end of a log file.
enum LogTail {
    /// The last lines of a file, at most `limit` and at most 64 KiB of it; empty when it is not there.
    static func lines(of path: String, limit: Int) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        let start = max(0, size - 64 * 1024)
        lseek(descriptor, start, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: Int(size - start))
        let count = max(0, read(descriptor, &bytes, bytes.count))
        var lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        if start > 0, !lines.isEmpty { lines.removeFirst() }
        return lines.suffix(limit).map(String.init)
    }

    /// The last lines in a form that ends a sentence, and where to read on.
    static func sentence(of path: String) -> String {
        let last = lines(of: path, limit: 3).filter { !$0.isEmpty }
        return last.isEmpty ? "Its log \(path) is empty." : "Its log \(path) ends:\n  \(last.joined(separator: "\n  "))"
    }
}

extension LogTail {
    /// The file's length in bytes; 0 when it is not there.
    static func length(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
