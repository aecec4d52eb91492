import FoundationEssentials
import Glibc

/// Keeps logs bounded: a log that grew past the limit is copied to `NAME.log.1` … and emptied.
///
/// The writers keep their descriptors (O_APPEND), so they need not know; a line written in the instant between the last
/// copy and the cut is lost, which is the price of logs that go on when the supervisor is gone.
struct LogRotation: Sendable {
    let folder: String
    /// Bytes a log may have before it is turned.
    var limit = 8 * 1024 * 1024
    /// Older copies that are kept.
    var kept = 2

    /// Turns every log that is over the limit.
    func turn() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".log") {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_size > limit else { continue }
            turn(path)
        }
    }

    private func turn(_ path: String) {
        for number in stride(from: kept, to: 1, by: -1) { rename("\(path).\(number - 1)", "\(path).\(number)") }
        let source = open(path, O_RDWR | O_CLOEXEC)
        guard source >= 0 else { return }
        defer { close(source) }
        let copy = open("\(path).1", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard copy >= 0 else { return }
        defer { close(copy) }
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        while true {
            let count = read(source, &chunk, chunk.count)
            guard count > 0, write(copy, chunk, count) == count else { break }
        }
        ftruncate(source, 0)
    }
}
