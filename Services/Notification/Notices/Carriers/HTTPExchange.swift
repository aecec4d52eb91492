import AsyncHTTPClient
import Glibc
import Models
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One request to a gateway, with a limit of time on all of it and one of size on the answer.
struct HTTPExchange: Sendable {
    /// What became of a request.
    enum Outcome: Sendable {
        /// The gateway answered: its status, the beginning of the body, and how long it asks to be left alone.
        case answered(status: Int, body: [UInt8], rest: Duration?)
        /// No connection was made, so nothing was sent.
        case unreachable
        /// The request may have arrived.
        case silent
        /// The service stops; the request may have arrived.
        case stopped
    }

    let client: HTTPClient
    let timeout: Duration

    /// No more of an answer is read.
    private static let mostBytes = 65_536

    /// Sends a request and reads the beginning of the answer.
    ///
    /// A body that does not end in time counts with what has come of it: the gateway has taken or refused the request by its status.
    func send(_ request: HTTPClientRequest) async -> Outcome {
        let end = ContinuousClock.now + timeout
        do {
            let response = try await client.execute(request, timeout: .nanoseconds(timeout.wholeMicroseconds * 1000))
            let rest = response.headers.first(name: "Retry-After").flatMap { Int($0) }.map { Duration.seconds(max(0, $0)) }
            return .answered(status: Int(response.status.code), body: await read(response.body, until: end), rest: rest)
        } catch {
            if Task.isCancelled { return .stopped }
            return Self.isBeforeSending(error) ? .unreachable : .silent
        }
    }

    private static func isBeforeSending(_ error: any Error) -> Bool {
        if error is NIOConnectionError || error is NIOSSLError || error is NIOSSLExtraError { return true }
        // For an address in numbers a refused connection is this.
        if let error = error as? IOError { return [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL].contains(error.errnoCode) }
        guard let error = error as? HTTPClientError else { return false }
        return [.connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout].contains(error)
    }

    /// The request's own limit ends with the head of the answer, so this has another.
    private func read(_ body: HTTPClientResponse.Body, until end: ContinuousClock.Instant) async -> [UInt8] {
        let beginning = Beginning()
        await withTaskGroup { group in
            group.addTask {
                do {
                    for try await chunk in body where await beginning.add(chunk.readableBytesView) >= Self.mostBytes { return }
                } catch {}
            }
            group.addTask { try? await Task.sleep(until: end) }
            await group.next()
            group.cancelAll()
        }
        return await beginning.bytes
    }

    /// What has come of a body.
    private actor Beginning {
        private(set) var bytes: [UInt8] = []

        func add(_ more: some Sequence<UInt8>) -> Int {
            bytes += more.prefix(HTTPExchange.mostBytes - bytes.count)
            return bytes.count
        }
    }

    /// The client of all gateways of this process, which lives as long as it does: it follows nothing and asks no proxy.
    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        // Well within the limit of a request, so that one without a connection is told from one without an answer.
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        // Each way has its own limit. Ways to one host share these connections, so none that hangs may use them up.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
