import Dispatch
import Glibc
import PrivateServers

/// Asks a server on loopback over many kept connections, from one thread that costs little beside what is measured.
///
/// With a rate each request has its moment, whether or not those before it were answered, and its time counts from there: a server that
/// stops for a second is asked all the same, and every request of that second tells of it. Without one each connection asks again as soon
/// as it was answered, and the time counts from the sending.
struct HTTPLoad: Sendable {
    let port: Int
    let clients: Int
    /// How many requests there are in all.
    let requests: Int
    /// How many of them in a second; nil for as many as are answered.
    var rate: Double?
    /// Whether a request that a broken connection or a server in trouble (5xx) left unanswered is sent again until it is answered, its time
    /// counting on.
    var isPatient = false
    /// The bytes of a request, by its number from 0.
    let request: @Sendable (Int) -> [UInt8]

    struct Outcome: Sendable {
        var latency = Histogram()
        var succeeded = 0
        /// What was answered with another status than 2xx.
        var refused = 0
        /// The first such answer.
        var refusal: String?
        /// From the first request to the last answer.
        var duration = Duration.zero
        /// When the last request was answered that took more than a second; nil when none did.
        var lastLate: ContinuousClock.Instant?

        var perSecond: Double { duration > .zero ? Double(succeeded) / (duration / .seconds(1)) : 0 }
    }

    /// One request as HTTP/1.1 writes it.
    static func post(_ path: String, body: [UInt8], headers: [(String, String)]) -> [UInt8] {
        let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        return Array("POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.count)\r\n\(lines)\r\n".utf8) + body
    }

    /// Sends everything and waits for the last answer; throws when a connection breaks, or nothing is answered for a minute.
    func run() async throws -> Outcome {
        let result: Result<Outcome, CommandFailure> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var loop = Loop(load: self)
                do throws(CommandFailure) { continuation.resume(returning: .success(try loop.run())) } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private struct Connection {
        var descriptor: Int32
        var out: [UInt8] = []
        var sent = 0
        var incoming: [UInt8] = []
        /// From when on the answer that is waited for counts; nil while none is.
        var since: ContinuousClock.Instant?
        /// When its request is sent again; nil while nothing is wrong.
        var again: ContinuousClock.Instant?
    }

    private struct Loop {
        let load: HTTPLoad
        var connections: [Connection] = []
        var idle: [Int] = []
        var asked = 0
        var outcome = Outcome()
        /// What each connection waits for, in their order.
        var waits: [pollfd] = []

        mutating func run() throws(CommandFailure) -> Outcome {
            defer { for connection in connections { close(connection.descriptor) } }
            for index in 0..<load.clients { try connect(index) }
            let begin = ContinuousClock.now
            var answered = (count: 0, at: begin)
            while outcome.succeeded + outcome.refused < load.requests {
                if load.isPatient { try askAgain() }
                try ask(since: begin)
                let count = Glibc.poll(&waits, nfds_t(waits.count), pause(since: begin))
                if count < 0, errno != EINTR { throw CommandFailure("The load cannot wait for its answers (\(systemWords(errno))).") }
                if outcome.latency.count > answered.count { answered = (outcome.latency.count, .now) }
                if count == 0, load.rate == nil || asked == load.requests, .now - answered.at > .seconds(59) {
                    throw CommandFailure("Nothing was answered for a minute.")
                }
                if count > 0 {
                    for index in waits.indices where waits[index].revents != 0 { try serve(index, Int32(waits[index].revents)) }
                }
            }
            outcome.duration = .now - begin
            return outcome
        }

        private mutating func connect(_ index: Int) throws(CommandFailure) {
            let descriptor = try dial()
            waits.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            connections.append(Connection(descriptor: descriptor))
            idle.append(index)
        }

        private func dial() throws(CommandFailure) -> Int32 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0, LoopbackPort.connect(descriptor, to: UInt16(load.port)) else {
                let reason = systemWords(errno)
                if descriptor >= 0 { close(descriptor) }
                throw CommandFailure("Port \(load.port) cannot be reached (\(reason)).")
            }
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            return descriptor
        }

        /// How long a request rests that a server in trouble has left unanswered.
        private static let rest = Duration.milliseconds(50)

        /// Leaves the request of a connection unanswered for a moment; without patience the load ends.
        private mutating func lose(_ index: Int, _ reason: String) throws(CommandFailure) {
            guard load.isPatient else { throw CommandFailure(reason) }
            close(connections[index].descriptor)
            connections[index].descriptor = -1
            connections[index].incoming.removeAll(keepingCapacity: true)
            // Nothing is waited for there.
            waits[index] = pollfd(fd: -1, events: 0, revents: 0)
            connections[index].again = .now + Self.rest
        }

        /// Sends again what was left unanswered, over new connections where those are broken.
        private mutating func askAgain() throws(CommandFailure) {
            for index in connections.indices {
                guard let again = connections[index].again, again <= .now else { continue }
                if connections[index].descriptor < 0 {
                    guard let descriptor = try? dial() else {
                        connections[index].again = .now + Self.rest
                        continue
                    }
                    connections[index].descriptor = descriptor
                    waits[index] = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                }
                connections[index].again = nil
                // A connection that broke while nothing was asked over it is only made anew.
                if connections[index].since == nil { continue }
                connections[index].sent = 0
                try write(index)
            }
        }

        /// When the request of a number is to be sent.
        private func moment(of number: Int, since begin: ContinuousClock.Instant) -> ContinuousClock.Instant? {
            load.rate.map { begin + .seconds(Double(number) / $0) }
        }

        /// Sends what is due over connections that wait for nothing.
        private mutating func ask(since begin: ContinuousClock.Instant) throws(CommandFailure) {
            while asked < load.requests, let index = idle.last(where: { connections[$0].again == nil }) {
                let moment = moment(of: asked, since: begin)
                let now = ContinuousClock.now
                if let moment, moment > now { return }
                idle.removeAll { $0 == index }
                connections[index].out = load.request(asked)
                connections[index].sent = 0
                connections[index].since = moment ?? now
                asked += 1
                try write(index)
            }
        }

        /// How many whole milliseconds nothing needs to be sent: the last part of one is not slept through.
        private func pause(since begin: ContinuousClock.Instant) -> Int32 {
            if load.isPatient, connections.contains(where: { $0.again != nil }) { return 10 }
            guard !idle.isEmpty, asked < load.requests, let moment = moment(of: asked, since: begin) else { return 60_000 }
            return Int32(clamping: Int64(max(.zero, moment - .now) / .milliseconds(1)))
        }

        private mutating func serve(_ index: Int, _ events: Int32) throws(CommandFailure) {
            if events & POLLOUT != 0 { try write(index) }
            if events & (POLLIN | POLLHUP | POLLERR) != 0 { try read(index) }
        }

        private mutating func write(_ index: Int) throws(CommandFailure) {
            while connections[index].sent < connections[index].out.count {
                let (out, sent, descriptor) = (connections[index].out, connections[index].sent, connections[index].descriptor)
                let count = out.withUnsafeBytes { send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL)) }
                if count < 0, errno == EAGAIN {
                    waits[index].events = Int16(POLLIN | POLLOUT)
                    return
                }
                guard count >= 0 else { return try lose(index, "The server has cut a connection (\(systemWords(errno))).") }
                connections[index].sent += count
            }
            waits[index].events = Int16(POLLIN)
        }

        private mutating func read(_ index: Int) throws(CommandFailure) {
            let descriptor = connections[index].descriptor
            let count = withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 1) { buffer in
                let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                if count > 0 { connections[index].incoming += buffer.prefix(count) }
                return count
            }
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            guard count > 0 else { return try lose(index, "The server has cut a connection.") }
            guard let answer = Answer(connections[index].incoming) else { return }
            if load.isPatient, answer.status >= 500 {
                connections[index].incoming.removeAll(keepingCapacity: true)
                connections[index].again = .now + Self.rest
                return
            }
            if let since = connections[index].since {
                let now = ContinuousClock.now
                outcome.latency.add(now - since)
                if now - since > .seconds(1) { outcome.lastLate = now }
            }
            if (200..<300).contains(answer.status) {
                outcome.succeeded += 1
            } else {
                outcome.refused += 1
                if outcome.refusal == nil { outcome.refusal = String(decoding: connections[index].incoming.prefix(600), as: UTF8.self) }
            }
            connections[index].incoming.removeAll(keepingCapacity: true)
            connections[index].since = nil
            idle.append(index)
        }
    }

    /// The status of an answer that has come to its end.
    struct Answer {
        let status: Int

        /// Nil while the answer goes on.
        ///
        /// A server of ours always says how long one is.
        init?(_ bytes: [UInt8]) {
            guard bytes.count > 12 else { return nil }
            var (line, length) = (0, 0)
            // Bytes, since each answer is looked through on the processors that the house needs.
            while let end = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) {
                // An empty line ends the head; before each `\n` stands a `\r`.
                if end <= line + 1 {
                    guard bytes.count > end + length else { return nil }
                    status = Self.number(bytes[9..<12])
                    return
                }
                if Self.isLength(bytes[line..<end]) { length = Self.number(bytes[(line + Self.length.count)..<end]) }
                line = end + 1
            }
            return nil
        }

        private static let length = Array("content-length:".utf8)

        private static func isLength(_ line: ArraySlice<UInt8>) -> Bool {
            line.count > length.count && zip(line, length).allSatisfy { $0 | 0x20 == $1 | 0x20 }
        }

        /// What the digits among some bytes say.
        private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
            bytes.reduce(0) { (48...57).contains($1) ? $0 * 10 + Int($1 - 48) : $0 }
        }
    }
}
