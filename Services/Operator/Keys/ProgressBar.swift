import Glibc

/// Draws on a terminal how much of a long work is done, on one line of standard error.
struct ProgressBar: Sendable {
    private static let width = 40

    let isShown: Bool

    /// Shows a share from 0 to 1.
    func show(_ share: Double) {
        guard isShown else { return }
        let done = Int(share * Double(Self.width))
        let bar = String(repeating: "#", count: done) + String(repeating: ".", count: Self.width - done)
        write("\r[\(bar)] \(Int(share * 100)) %")
    }

    /// Leaves the line.
    func end() { if isShown { write("\n") } }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
