import Dispatch
import Glibc

/// One TCP connection that sends bytes as given and reads answers, for requests that no HTTP client would send.
///
/// Its calls block, so they run on a dispatch queue and never on the threads that run the server's handlers. Every call gives
/// up after ten seconds.
final class RawConnection: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    static func open(port: Int) async throws -> RawConnection {
        try await blocking {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw TestFailure("no socket: \(errno)") }
            let connection = RawConnection(descriptor: descriptor)
            var limit = timeval(tv_sec: 10, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else { throw TestFailure("cannot connect to port \(port): \(errno)") }
            return connection
        }
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await blocking { [descriptor] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { throw TestFailure("cannot send: \(errno)") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Reads one answer with its body, by its Content-Length.
    func receive() async throws -> RawAnswer {
        try await blocking { [descriptor] in
            var bytes: [UInt8] = []
            while true {
                if let answer = RawAnswer(bytes) { return answer }
                guard let chunk = try Self.chunk(descriptor), !chunk.isEmpty else {
                    throw TestFailure("the connection ended within an answer: \(String(decoding: bytes, as: UTF8.self))")
                }
                bytes += chunk
            }
        }
    }

    /// Reads until the server closes and answers with whatever came before; throws when the connection was reset instead.
    func receiveToEnd() async throws -> String {
        try await blocking { [descriptor] in
            var bytes: [UInt8] = []
            while true {
                guard let chunk = try Self.chunk(descriptor) else { throw TestFailure("the connection was reset") }
                guard !chunk.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
                bytes += chunk
            }
        }
    }

    /// Counts the bytes that still come, whether the connection is then closed or reset.
    func countToEnd() async throws -> Int {
        try await blocking { [descriptor] in
            var count = 0
            while let chunk = try Self.chunk(descriptor), !chunk.isEmpty { count += chunk.count }
            return count
        }
    }

    /// Nil for a connection that was reset, empty at its orderly end.
    private static func chunk(_ descriptor: Int32) throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 {
            if errno == ECONNRESET { return nil }
            throw TestFailure("nothing came within ten seconds: \(errno)")
        }
        return Array(buffer[..<count])
    }
}

/// An answer as it came over the wire.
struct RawAnswer: Sendable {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: String

    /// Nil while bytes are missing.
    init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let split = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<split.lowerBound].split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description }
        }
        let body = text[split.upperBound...]
        guard body.utf8.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 else { return nil }
        status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        self.headers = headers
        self.body = String(body)
    }
}

/// Runs blocking work on a thread that may block: a queue of its own gets one whatever the others are doing.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "blocking").async { continuation.resume(with: Swift.Result { try body() }) }
    }
}
