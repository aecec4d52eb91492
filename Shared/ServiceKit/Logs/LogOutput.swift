import Glibc
import NIOConcurrencyHelpers

/// The file descriptor that log lines go to.
///
/// Lines of several threads do not mix, because they are written one after the other. What the descriptor would not take at once,
/// because a pipe is full or its reader is gone, is dropped: a service never waits for its log.
public struct LogOutput: Sendable, Equatable {
    let descriptor: Int32

    public static let standardOutput = LogOutput(descriptor: STDOUT_FILENO)
    public static let standardError = LogOutput(descriptor: STDERR_FILENO)

    /// The most bytes that a pipe takes without waiting when it says that it can be written to (`PIPE_BUF`).
    private static let atOnce = 4096

    /// The descriptors on which the end of a line was dropped.
    ///
    /// Whoever holds the lock writes: between asking and writing nobody else may take the room. ThreadSanitizer understands this lock, and
    /// not `Synchronization.Mutex`.
    private static let cut = NIOLockedValueBox<Set<Int32>>([])

    /// Writes to a descriptor that the caller keeps open.
    public static func descriptor(_ descriptor: Int32) -> LogOutput {
        LogOutput(descriptor: descriptor)
    }

    /// Writes the bytes of one line, which ends with a line break.
    func write(_ line: [UInt8]) {
        Self.cut.withLockedValue { cut in
            // A line whose end was dropped still lacks its line break.
            let bytes = cut.contains(descriptor) ? [UInt8(ascii: "\n")] + line : line
            switch put(bytes) {
            case 0: break
            case bytes.count: cut.remove(descriptor)
            default: cut.insert(descriptor)
            }
        }
    }

    /// Writes what the descriptor takes at once; says how much that was.
    private func put(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count, isWritable {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...].prefix(Self.atOnce))
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    written += count
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            return written
        }
    }

    private var isWritable: Bool {
        var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&question, 1, 0) == 1 && question.revents & Int16(POLLOUT) != 0
    }
}
