import Glibc

/// Finds and tests TCP ports on 127.0.0.1.
enum FreePort {
    /// A port that nobody listens on at this moment and that is not in `taken`; from the system's own choice (bind(2), port 0).
    static func choose(besides taken: Set<UInt16> = []) throws(UpFailure) -> UInt16 {
        for _ in 0..<64 {
            guard let port = bound(0) else { break }
            if !taken.contains(port) { return port }
        }
        throw UpFailure("No free port was found on 127.0.0.1: stop a program that holds many ports, then run `./huiyin up` again.")
    }

    /// Whether a server could listen on the port now.
    static func isFree(_ port: UInt16) -> Bool { bound(port) != nil }

    /// Binds for a moment, with SO_REUSEADDR as servers do, and answers the port.
    private static func bound(_ port: UInt16) -> UInt16? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = loopbackAddress(port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Bool in
                // listen(2) too: two sockets may bind one port with SO_REUSEADDR as long as none listens.
                guard bind(descriptor, generic, length) == 0, listen(descriptor, 1) == 0 else { return false }
                return getsockname(descriptor, generic, &length) == 0
            }
        }
        return result ? UInt16(bigEndian: address.sin_port) : nil
    }
}

/// 127.0.0.1 with the port, in the form that bind(2) and connect(2) take.
func loopbackAddress(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    return address
}
