import Glibc

/// One connection through a proxy: a client, a server and what is on its way between them.
///
/// The proxy's thread alone uses it.
final class ProxyLink {
    /// One direction.
    private struct Flow {
        let from: Int32
        let to: Int32
        var chunks: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
        /// How much of the first chunk has been sent.
        var sent = 0
        var size = 0
        /// Nothing more will be read.
        var isEnded = false
        /// The other side has been told so.
        var isShut = false
        /// Before this instant nothing more may be sent, when it trickles.
        var next: ContinuousClock.Instant = .now

        var isOver: Bool { isEnded && chunks.isEmpty }
    }

    private static let room = 256 << 10
    /// How often something trickles.
    private static let drop = Duration.milliseconds(20)

    private let client: Int32
    private let server: Int32
    private var up: Flow
    private var down: Flow
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(client: Int32, server: Int32) {
        (self.client, self.server) = (client, server)
        for descriptor in [client, server] {
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        up = Flow(from: client, to: server)
        down = Flow(from: server, to: client)
    }

    func close(resetting: Bool) {
        for descriptor in [client, server] { if resetting { Self.reset(descriptor) } else { Glibc.close(descriptor) } }
    }

    /// Closes a socket so that its peer sees a reset.
    static func reset(_ descriptor: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        Glibc.close(descriptor)
    }

    /// What to wait for at the client and at the server; shortens `pause` (in milliseconds) to when something is due.
    func wishes(_ manner: FaultProxy.Manner, _ now: ContinuousClock.Instant, _ pause: inout Int32) -> [pollfd] {
        func wants(_ from: Flow, _ to: Flow) -> Int16 {
            var events: Int16 = 0
            if !from.isEnded, from.size < Self.room, !isHeld(from, manner) { events |= Int16(POLLIN) }
            if let first = to.chunks.first, !isHeld(to, manner) {
                let due = max(first.due, to.next)
                if due <= now { events |= Int16(POLLOUT) } else { pause = min(pause, Int32((due - now) / .milliseconds(1)) + 1) }
            }
            return events
        }
        let (atClient, atServer) = (wants(up, down), wants(down, up))
        // A descriptor of which nothing is wanted is left out: its end would be told again and again.
        return [
            pollfd(fd: atClient == 0 ? -1 : client, events: atClient, revents: 0),
            pollfd(fd: atServer == 0 ? -1 : server, events: atServer, revents: 0),
        ]
    }

    /// Does what the sockets are ready for; false, with both closed, when the connection is over.
    func serve(_ atClient: pollfd, _ atServer: pollfd, _ manner: FaultProxy.Manner) -> Bool {
        let goesOn =
            move(&up, in: atClient, out: atServer, manner) && move(&down, in: atServer, out: atClient, manner)
            && !(up.isOver && down.isOver)
        if !goesOn { close(resetting: false) }
        return goesOn
    }

    private func isHeld(_ flow: Flow, _ manner: FaultProxy.Manner) -> Bool {
        manner == .blackHole || manner == .loseAnswers && flow.from == server
    }

    private func move(_ flow: inout Flow, in source: pollfd, out target: pollfd, _ manner: FaultProxy.Manner) -> Bool {
        if source.events & Int16(POLLIN) != 0, source.revents != 0 {
            let count = read(flow.from, &buffer, buffer.count)
            if count > 0 {
                let later: Duration = if case .delay(let delay) = manner { delay } else { .zero }
                flow.chunks.append((.now + later, Array(buffer[..<count])))
                flow.size += count
            } else if count == 0 {
                flow.isEnded = true
            } else if errno != EAGAIN, errno != EINTR {
                return false
            }
        }
        if target.events & Int16(POLLOUT) != 0, target.revents != 0, !send(&flow, manner) { return false }
        if flow.isOver, !flow.isShut {
            flow.isShut = true
            shutdown(flow.to, Int32(SHUT_WR))
        }
        return true
    }

    private func send(_ flow: inout Flow, _ manner: FaultProxy.Manner) -> Bool {
        let now = ContinuousClock.now
        var allowance = Int.max
        if case .trickle(let speed) = manner {
            allowance = max(1, speed / 50)
            flow.next = now + Self.drop
        }
        while let first = flow.chunks.first, first.due <= now, allowance > 0 {
            let rest = first.bytes[flow.sent...].prefix(allowance)
            let count = rest.withUnsafeBytes { Glibc.send(flow.to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            flow.sent += count
            flow.size -= count
            allowance -= count
            if flow.sent == first.bytes.count {
                flow.chunks.removeFirst()
                flow.sent = 0
            }
        }
        return true
    }
}
