import Dispatch
import Glibc

/// Asks a server on this machine one HTTP question; enough for health and version, and no event loop in the supervisor.
struct Loopback: Sendable {
    struct Answer: Sendable, Equatable {
        let status: Int
        let body: [UInt8]
    }

    /// Numeric IPv4 address or `localhost`; others are not asked.
    let host: String
    let port: UInt16

    /// Reads `host:port`.
    init?(_ address: String) {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else { return nil }
        let host = String(address[..<colon])
        self.host = host == "localhost" ? "127.0.0.1" : host
        self.port = port
    }

    /// GETs the path over HTTP/1.1 and reads the answer up to the close, at most 64 KiB; nil when that fails within `limit`.
    func get(_ path: String, within limit: Duration = .seconds(2)) async -> Answer? {
        // Blocking calls, each under the limit (SO_RCVTIMEO), on a thread that no task waits for.
        await withCheckedContinuation { answer in
            DispatchQueue.global().async { answer.resume(returning: ask(path, within: limit)) }
        }
    }

    private func ask(_ path: String, within limit: Duration) -> Answer? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let deadline = ContinuousClock.now + limit
        guard Self.setLimit(descriptor, limit) else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { return nil }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return nil }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8192)
        while bytes.count < 64 * 1024 {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, Self.setLimit(descriptor, left) else { return nil }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return Self.parse(bytes)
    }

    /// Bounds connect, send and receive alike.
    private static func setLimit(_ descriptor: Int32, _ limit: Duration) -> Bool {
        let micros = max(limit / .microseconds(1), 1000)
        var time = timeval(tv_sec: Int(micros / 1_000_000), tv_usec: Int(micros.truncatingRemainder(dividingBy: 1_000_000)))
        let size = socklen_t(MemoryLayout<timeval>.size)
        return setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size) == 0
            && setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size) == 0
    }

    /// Splits status and body; a chunked body is returned with its chunk marks, which no caller minds.
    static func parse(_ bytes: [UInt8]) -> Answer? {
        let text = String(decoding: bytes, as: UTF8.self)
        let words = text.prefix { $0 != "\r\n" && $0 != "\n" }.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        return Answer(status: status, body: Array(text[end.upperBound...].utf8))
    }
}
