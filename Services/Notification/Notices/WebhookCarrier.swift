import AsyncHTTPClient
import Models
import NIOCore
import NIOHTTP1

/// Posts each notice as JSON to the county's gateway.
///
/// The header `Idempotency-Key` is the notice's identifier, so a gateway that sees it twice can tell. An answer of 2xx is
/// delivered; 408, 425, 429 and 5xx, and no answer, mean later; any other means never. Redirects are not followed.
/// Sixteen are under way at the same time; when so many in a row get no answer, or the time is over, the rest of a batch is left for
/// later.
public struct WebhookCarrier: NoticeCarrier {
    public let name = "webhook"
    private let url: String
    private let client: HTTPClient
    private let timeout: Duration

    public init(url: String, client: HTTPClient, timeout: Duration = .seconds(10)) {
        self.url = url
        self.client = client
        self.timeout = timeout
    }

    public func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        let end = ContinuousClock.now + limit
        return await withTaskGroup(of: (Int, NoticeOutcome).self) { group in
            var outcomes = [NoticeOutcome](repeating: .untried("it was not tried: the gateway answered too few"), count: letters.count)
            var (next, silent) = (0, 0)
            func begin() {
                guard next < letters.count, .now < end else { return }
                let (index, letter) = (next, letters[next])
                group.addTask { (index, await post(letter)) }
                next += 1
            }
            for _ in 0..<Self.window { begin() }
            while silent < Self.window, let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                silent = outcome == Self.silence ? silent + 1 : 0
                begin()
            }
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
    }

    private static let window = 16
    private static let silence = NoticeOutcome.later("the gateway gave no answer")

    private func post(_ letter: NoticeLetter) async -> NoticeOutcome {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Idempotency-Key", value: letter.id.description)
        request.body = .bytes(ByteBuffer(bytes: letter.document))
        do {
            let response = try await client.execute(request, timeout: .nanoseconds(timeout.wholeMicroseconds * 1000))
            await finish(response.body)
            switch response.status.code {
            case 200..<300: return .delivered
            case 408, 425, 429, 500..<600: return .later("the gateway answered \(response.status.code)")
            default: return .impossible("the gateway answered \(response.status.code)")
            }
        } catch {
            return Self.silence
        }
    }

    /// Reads a little of an answer's body, which says nothing that counts, so that the connection can be used again.
    ///
    /// The request's limit ends with the head of the answer, so this has one of its own.
    private func finish(_ body: HTTPClientResponse.Body) async {
        await withTaskGroup { group in
            group.addTask { _ = try? await body.collect(upTo: 65_536) }
            group.addTask { try? await Task.sleep(for: .seconds(1)) }
            await group.next()
            group.cancelAll()
        }
    }
}
