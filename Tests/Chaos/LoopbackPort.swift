import Glibc
import PrivateServers

/// Ports of 127.0.0.1.
enum LoopbackPort {
    /// A port that nobody uses at this moment.
    static func free() throws(LaunchError) -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        return try bind(descriptor)
    }

    /// Binds a socket to a free port, which is then its own.
    static func bind(_ descriptor: Int32) throws(LaunchError) -> UInt16 {
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw LaunchError("no port of 127.0.0.1 is free: stop what uses them") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// A socket that is connected to the port; nil when nobody answers there at once.
    static func connect(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = loopback(port)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if outcome == 0 { return descriptor }
        var (waiting, failure, length) = (
            pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0), Int32(0), socklen_t(MemoryLayout<Int32>.size)
        )
        if errno == EINPROGRESS, poll(&waiting, 1, 50) == 1,
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0, failure == 0
        {
            return descriptor
        }
        close(descriptor)
        return nil
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
