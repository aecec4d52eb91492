import Glibc

/// Why `up` or a command beside it cannot go on: one sentence with the remedy.
public struct UpFailure: Error, CustomStringConvertible, Equatable {
    public let sentence: String

    public init(_ sentence: String) {
        self.sentence = sentence
    }

    public var description: String { sentence }
}

/// The system's words for an error number (strerror_r(3), POSIX variant).
func systemWords(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
