import Glibc

/// Reads the lines that a file gains.
struct LogReader {
    let path: String
    private(set) var position: Int
    private var rest: [UInt8] = []

    init(path: String, position: Int) {
        self.path = path
        self.position = position
    }

    /// Whole lines since the last call; starts again at the beginning when the file has become shorter.
    mutating func newLines() -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        if size < position {
            position = 0
            rest = []
        }
        guard size > position else { return [] }
        var bytes = [UInt8](repeating: 0, count: min(size - position, 1024 * 1024))
        let count = pread(descriptor, &bytes, bytes.count, position)
        guard count > 0 else { return [] }
        position += count
        rest += bytes[..<count]
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let text = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeSubrange(...end)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
