import Glibc
import NIOConcurrencyHelpers
import PrivateServers

/// A TCP proxy on loopback between the services and one of their servers that can delay, trickle, hold back and cut what goes through it.
///
/// One thread serves all connections. What is held back is not lost: it arrives when the manner changes, unless the connection is cut
/// first, as on a network that is away for a while.
final class FaultProxy: Sendable {
    /// How the proxy treats what comes.
    enum Manner: Sendable, Equatable {
        case pass
        /// Everything arrives this much later, in its order.
        case delay(Duration)
        /// So many bytes in a second for each direction of each connection.
        case trickle(bytesPerSecond: Int)
        /// Nothing arrives, and nobody is told.
        case blackHole
        /// What clients say arrives; what the server says does not.
        case loseAnswers
        /// Connections are reset as soon as they are made.
        case refuse
    }

    /// What the thread is told.
    private struct Order: Sendable {
        var manner = Manner.pass
        var targets: [UInt16]
        /// How often all connections were to be cut.
        var cuts = 0
        var isClosed = false
    }

    /// Where clients connect to.
    let port: UInt16
    private let listener: Int32
    /// A byte in this pipe wakes the thread.
    private let wake: (read: Int32, write: Int32)
    private let order: NIOLockedValueBox<Order>

    /// Starts a proxy in front of ports of loopback, which are tried in turn.
    init(before targets: [UInt16]) throws(LaunchError) {
        order = NIOLockedValueBox(Order(targets: targets))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var ends: [Int32] = [0, 0]
        guard listener >= 0, pipe(&ends) == 0 else {
            throw LaunchError("no descriptors are left: raise `ulimit -n`")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wake = (ends[0], ends[1])
        port = try LoopbackPort.bind(listener)
        guard listen(listener, 512) == 0 else { throw LaunchError("no listener can be made on 127.0.0.1") }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self)
        let started = pthread_create(
            &thread, nil,
            { argument in
                // The pointer was made by `passRetained` above, once for this thread.
                if let argument { Unmanaged<FaultProxy>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        guard started == 0 else {
            argument.release()
            throw LaunchError("no threads are left: raise `ulimit -u`")
        }
        pthread_detach(thread)
    }

    /// From now on everything is treated so, what is under way included.
    func become(_ manner: Manner) { tell { $0.manner = manner } }

    /// Resets every connection that there is.
    func cut() { tell { $0.cuts += 1 } }

    /// Sends new connections elsewhere and resets those that there are.
    func turn(to targets: [UInt16]) {
        tell {
            $0.targets = targets
            $0.cuts += 1
        }
    }

    /// Ends the thread and every connection.
    func close() { tell { $0.isClosed = true } }

    private func tell(_ change: (inout Order) -> Void) {
        order.withLockedValue { change(&$0) }
        var byte: UInt8 = 0
        write(wake.write, &byte, 1)
    }

    private func run() {
        var (links, cuts) = ([ProxyLink](), 0)
        defer {
            for link in links { link.close(resetting: true) }
            for descriptor in [listener, wake.read, wake.write] { Glibc.close(descriptor) }
        }
        while true {
            let order = order.withLockedValue { $0 }
            if order.isClosed { return }
            if order.cuts != cuts {
                for link in links { link.close(resetting: true) }
                (links, cuts) = ([], order.cuts)
            }
            var descriptors = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0), pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
            ]
            let now = ContinuousClock.now
            var pause: Int32 = 1000
            for link in links { descriptors += link.wishes(order.manner, now, &pause) }
            guard poll(&descriptors, nfds_t(descriptors.count), pause) >= 0 || errno == EINTR else { return }
            if descriptors[1].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 64)
                while read(wake.read, &bytes, bytes.count) > 0 {}
                // What was told counts before anything moves on.
                continue
            }
            links = links.enumerated().compactMap { index, link in
                link.serve(descriptors[2 + 2 * index], descriptors[3 + 2 * index], order.manner) ? link : nil
            }
            if descriptors[0].revents != 0 { accept(order, &links) }
        }
    }

    /// A socket that is connected to the port; nil when nobody answers there at once.
    private static func connection(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if LoopbackPort.connect(descriptor, to: port) { return descriptor }
        var (waiting, failure, length) = (
            pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0), Int32(0), socklen_t(MemoryLayout<Int32>.size)
        )
        if errno == EINPROGRESS, poll(&waiting, 1, 50) == 1,
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0, failure == 0
        {
            return descriptor
        }
        Glibc.close(descriptor)
        return nil
    }

    private func accept(_ order: Order, _ links: inout [ProxyLink]) {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            // A loop, because a lazy sequence would connect twice.
            var server: Int32?
            for target in order.targets where server == nil && order.manner != .refuse { server = Self.connection(to: target) }
            guard let server else {
                ProxyLink.reset(client)
                continue
            }
            links.append(ProxyLink(client: client, server: server))
        }
    }
}
