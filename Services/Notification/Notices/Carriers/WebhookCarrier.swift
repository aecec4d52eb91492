import AsyncHTTPClient
import Models
import NIOCore
import NIOHTTP1

/// Posts each notice as JSON to the county's gateway.
///
/// The header `Idempotency-Key` is the notice's identifier, so a gateway that sees it twice can tell. An answer of 2xx is
/// delivered; 408, 425, 429 and 5xx, and no answer, mean later, and so does what refuses every notice alike; any other means never.
/// Redirects are not followed.
/// Sixteen are under way at the same time; when so many in a row get no answer, or the time is over, the rest of a batch is left for
/// later.
public struct WebhookCarrier: NoticeCarrier {
    public let name: String
    private let url: String
    private let exchange: HTTPExchange

    public init(url: String, client: HTTPClient, timeout: Duration = .seconds(10), name: String = "webhook") {
        self.name = name
        self.url = url
        exchange = HTTPExchange(client: client, timeout: timeout)
    }

    public func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        await NoticeWindow().deliver(letters, within: limit) { await post($0) }
    }

    private func post(_ letter: NoticeLetter) async -> NoticeOutcome {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Idempotency-Key", value: letter.id.description)
        request.body = .bytes(ByteBuffer(bytes: letter.document))
        switch await exchange.send(request) {
        case .answered(200..<300, _, _): return .delivered
        case .answered(let status, _, let rest): return .refusal(status, rest: rest)
        case .unreachable: return .down("the gateway cannot be reached")
        case .silent: return .dropped("the gateway gave no answer")
        case .stopped: return .untried("the service stopped meanwhile")
        }
    }
}
