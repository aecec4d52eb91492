import Glibc

/// TCP ports of 127.0.0.1.
public enum LoopbackPort {
    /// A port that nobody listens on at this moment and that is not in `taken`, of the kernel's own choice (bind(2), port 0).
    ///
    /// Somebody else may take it before it is used, so a start on it can need another try.
    public static func choose(besides taken: Set<UInt16> = []) throws(LaunchError) -> UInt16 {
        for _ in 0..<64 {
            guard let port = listening(on: 0) else { break }
            if !taken.contains(port) { return port }
        }
        throw LaunchError("no port of 127.0.0.1 is free: stop a program that holds many ports")
    }

    /// Whether a server could listen on the port now.
    public static func isFree(_ port: UInt16) -> Bool { listening(on: port) != nil }

    /// Binds a socket to a free port, which is then its own.
    public static func bind(_ descriptor: Int32) throws(LaunchError) -> UInt16 {
        guard let port = bound(descriptor, to: 0) else { throw FileTree.failure("no port of 127.0.0.1 can be had") }
        return port
    }

    /// Connects a socket to a port (connect(2), with its `errno`); false when nobody listens there, or for a socket that does not block not yet.
    public static func connect(_ descriptor: Int32, to port: UInt16) -> Bool {
        withAddress(port) { Glibc.connect(descriptor, $0, $1) == 0 }
    }

    /// Listens for a moment, with SO_REUSEADDR as servers do, and answers the port.
    private static func listening(on port: UInt16) -> UInt16? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        let port = bound(descriptor, to: port)
        // Two sockets may bind one port with SO_REUSEADDR as long as none listens.
        return listen(descriptor, 1) == 0 ? port : nil
    }

    private static func bound(_ descriptor: Int32, to port: UInt16) -> UInt16? {
        guard withAddress(port, { Glibc.bind(descriptor, $0, $1) == 0 }) else { return nil }
        var (address, length) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        return isKnown ? UInt16(bigEndian: address.sin_port) : nil
    }

    /// 127.0.0.1 with the port, as bind(2) and connect(2) take it.
    private static func withAddress<R>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
