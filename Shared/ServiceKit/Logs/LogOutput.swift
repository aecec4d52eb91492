import Glibc

/// The file descriptor that log lines go to, one write(2) per line.
///
/// Lines of several threads do not mix, because each is a single write. A line that the descriptor does not take, because a
/// pipe is full or its reader is gone, is dropped: a service never waits for its log.
public struct LogOutput: Sendable, Equatable {
    let descriptor: Int32

    public static let standardOutput = LogOutput(descriptor: STDOUT_FILENO)
    public static let standardError = LogOutput(descriptor: STDERR_FILENO)

    /// Writes to a descriptor that the caller keeps open.
    public static func descriptor(_ descriptor: Int32) -> LogOutput {
        LogOutput(descriptor: descriptor)
    }

    /// Writes the bytes of one line, which ends with a line break.
    func write(_ line: [UInt8]) {
        line.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if count < 0, errno == EINTR {
                    continue
                } else {
                    return
                }
            }
        }
    }
}
