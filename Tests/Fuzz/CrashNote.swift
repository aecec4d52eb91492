import Glibc

/// Remembers which input each lane reads, so that a signal which ends the process can still say it.
enum CrashNote {
    private static let mostLanes = 64
    private static let width = 64

    // nonisolated(unsafe): each lane writes its own line alone, and the handler reads them when the process is lost anyway. The memory is
    // never given back.
    private nonisolated(unsafe) static let lines: UnsafeMutablePointer<CChar> = {
        let lines = UnsafeMutablePointer<CChar>.allocate(capacity: mostLanes * width)
        lines.initialize(repeating: 0, count: mostLanes * width)
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
            Glibc.signal(signal) { number in
                for lane in 0..<CrashNote.mostLanes {
                    let line = CrashNote.lines + lane * CrashNote.width
                    if line.pointee != 0 { _ = write(STDERR_FILENO, line, strlen(line)) }
                }
                Glibc.signal(number, SIG_DFL)
                raise(number)
            }
        }
        return lines
    }()

    /// Notes what a lane reads now.
    static func note(_ target: String, _ number: Int, lane: Int) {
        guard lane < mostLanes else { return }
        let line = lines + lane * width
        withVaList([number]) { arguments in
            _ = target.withCString { name in
                vsnprintf(line, width, "was reading an input: --from %ld --inputs 1 ", arguments)
                strncat(line, name, 16)
                return strcat(line, "\n")
            }
        }
    }
}
