import Glibc
import PrivateServers

/// A TCP proxy on loopback that counts how often the conversation turns, and can lose answers.
///
/// A turn is a burst of the client that follows something the server said: each is one round trip. It serves one
/// connection after another on a thread of its own.
public final class TurnProxy: @unchecked Sendable {
    // @unchecked Sendable: `turns`, `losesAnswers` and `closed` are reached only while `lock` is held; the rest never changes.

    /// Where to connect to.
    public let port: UInt16
    private let target: UInt16
    private let listener: Int32
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var turns = 0
    private var losesAnswers = false
    private var closed = false

    /// Starts a proxy in front of a port of loopback.
    public init(before target: UInt16) throws(LaunchError) {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        port = try LoopbackPort.bind(listener)
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        guard listen(listener, 16) == 0 else { throw LaunchError("no listener can be made on 127.0.0.1") }
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { argument in
                // The pointer was made by `passRetained` below, once for this thread.
                if let argument { Unmanaged<TurnProxy>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard started == 0 else { throw LaunchError("no threads are left: raise `ulimit -u`") }
        pthread_detach(thread)
    }

    deinit {
        Glibc.close(listener)
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// How many round trips there were since the last call.
    public func takeTurns() -> Int {
        locked {
            defer { turns = 0 }
            return turns
        }
    }

    /// From now on what the server answers is swallowed, and the connection is cut when the first answer comes.
    public func loseAnswers(_ loses: Bool) { locked { losesAnswers = loses } }

    /// Ends the thread once the connection that it serves is gone.
    public func close() {
        locked { closed = true }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func run() {
        while true {
            let client = accept(listener, nil, nil)
            if locked({ closed }) || client < 0 { return }
            serve(client)
            Glibc.close(client)
        }
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { Glibc.close(server) }
        guard LoopbackPort.connect(server, to: target) else { return }
        var descriptors = [pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0)]
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var serverSpokeLast = true
        while poll(&descriptors, 2, -1) > 0 || errno == EINTR {
            if descriptors[0].revents != 0 {
                guard forward(client, server, &buffer) else { return }
                if serverSpokeLast { locked { turns += 1 } }
                serverSpokeLast = false
            }
            if descriptors[1].revents != 0 {
                if locked({ losesAnswers }) { return }
                guard forward(server, client, &buffer) else { return }
                serverSpokeLast = true
            }
        }
    }

    private func forward(_ from: Int32, _ to: Int32, _ buffer: inout [UInt8]) -> Bool {
        let count = read(from, &buffer, buffer.count)
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let written = buffer[sent..<count].withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard written > 0 else { return false }
            sent += written
        }
        return true
    }

    private func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}
