import AsyncHTTPClient
import Models
import NIOCore
import NIOHTTP1

/// Sends notices as text messages through a gateway that speaks HTTP.
public struct TextCarrier: NoticeCarrier {
    public let name: String
    public let channel = NoticeChannel.sms
    public let batch = 64
    private let gateway: TextGateway
    private let exchange: HTTPExchange
    private let pace: Pace?

    init(name: String, gateway: TextGateway, client: HTTPClient, timeout: Duration = .seconds(10)) {
        self.name = name
        self.gateway = gateway
        exchange = HTTPExchange(client: client, timeout: timeout)
        pace = gateway.perSecond.map { Pace(perSecond: $0) }
    }

    public func obstacle(to letter: NoticeLetter) -> String? {
        letter.phone?.contains(where: \.isNumber) == true ? nil : "the recipient has no phone number"
    }

    public func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        let end = ContinuousClock.now + limit
        return await NoticeWindow().deliver(letters, within: limit) { letter in
            if let pace {
                guard let turn = await pace.turn(before: end) else {
                    return .untried("it was not tried: the gateway takes so many in a second")
                }
                try? await Task.sleep(until: turn)
            }
            return await send(letter)
        }
    }

    private func send(_ letter: NoticeLetter) async -> NoticeOutcome {
        let values = gateway.values(of: letter)
        var request = HTTPClientRequest(url: gateway.url.filled(with: values))
        request.method = HTTPMethod(rawValue: gateway.method)
        request.headers.add(name: "Idempotency-Key", value: letter.id.description)
        for (name, value) in gateway.headers { request.headers.add(name: name, value: value.filled(with: values)) }
        if let body = gateway.body { request.body = .bytes(ByteBuffer(string: body.filled(with: values))) }
        switch await exchange.send(request) {
        case .answered(let status, let body, let rest): return gateway.outcome(status, body, rest: rest)
        case .unreachable: return .down("the gateway cannot be reached")
        case .silent: return .dropped("the gateway gave no answer")
        case .stopped: return .untried("the service stopped meanwhile")
        }
    }
}
