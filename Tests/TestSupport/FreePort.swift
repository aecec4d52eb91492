import Glibc
import PrivateServers

/// Finds ports of loopback that nobody listens on.
public enum FreePort {
    /// Lets the kernel choose one; somebody else may take it before it is used, so a start on it can need another try.
    public static func find() throws(LaunchError) -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw LaunchError("no sockets are left: raise `ulimit -n`") }
        defer { close(descriptor) }
        return try bind(descriptor)
    }

    /// Binds a socket to a free port of loopback, which is then its own.
    public static func bind(_ descriptor: Int32) throws(LaunchError) -> UInt16 {
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw LaunchError("no port of 127.0.0.1 is free") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Connects a socket to a port of loopback; false when nobody listens there.
    static func connect(_ descriptor: Int32, to port: UInt16) -> Bool {
        var address = loopback(port)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
