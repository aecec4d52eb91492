import Glibc

/// Writes plain lines for people: to a terminal, a file or a pipe alike, each at once and whole.
struct Console: Sendable {
    /// The descriptor that is written to.
    var output = STDOUT_FILENO

    /// Writes a line.
    func say(_ line: String) { write(line, to: output) }

    /// A step that is done, with the time it took: `postgresql    ready on 127.0.0.1:40011   1.2 s`.
    func step(_ name: String, _ what: String, took: Duration) {
        say("\(Self.padded(name, to: 14))\(Self.padded(what, to: 52))\(Self.seconds(took))")
    }

    static func seconds(_ duration: Duration) -> String {
        let tenths = Int((duration / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    static func padded(_ text: String, to width: Int) -> String {
        text.count >= width ? text + " " : text + String(repeating: " ", count: width - text.count)
    }

    /// Rows as aligned columns; the last column is not padded.
    static func table(_ rows: [[String]]) -> [String] {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            row.enumerated().map { column, cell in column == row.count - 1 ? cell : padded(cell, to: widths[column] + 2) }.joined()
        }
    }

    private func write(_ line: String, to descriptor: Int32) {
        let bytes = Array((line + "\n").utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more (EPIPE): there is nobody left to tell.
            if count < 0 { return }
            written += count
        }
    }
}
