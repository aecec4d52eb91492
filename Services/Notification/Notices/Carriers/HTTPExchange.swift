import AsyncHTTPClient
import Models
import NIOCore
import NIOHTTP1

/// One request to a gateway, with a limit of time on all of it and one of size on the answer.
struct HTTPExchange: Sendable {
    let client: HTTPClient
    let timeout: Duration

    /// The status of the answer and the beginning of its body; nil when there was no answer.
    ///
    /// A body that does not end in time counts as one that says nothing: the gateway has taken or refused the request by its status.
    func send(_ request: HTTPClientRequest) async -> (status: Int, body: [UInt8])? {
        guard let response = try? await client.execute(request, timeout: .nanoseconds(timeout.wholeMicroseconds * 1000)) else { return nil }
        return (Int(response.status.code), await read(response.body))
    }

    /// The request's own limit ends with the head of the answer, so this has another.
    private func read(_ body: HTTPClientResponse.Body) async -> [UInt8] {
        await withTaskGroup(of: [UInt8].self) { group in
            group.addTask { (try? await body.collect(upTo: 65_536)).map { Array($0.readableBytesView) } ?? [] }
            group.addTask {
                try? await Task.sleep(for: .seconds(1))
                return []
            }
            let first = await group.next() ?? []
            group.cancelAll()
            return first
        }
    }

    /// The client of all gateways of this process, which lives as long as it does: it follows nothing and asks no proxy.
    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
