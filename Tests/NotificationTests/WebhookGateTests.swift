import Models
import Synchronization
import Testing

@testable import Notification

/// Answers with what it is told, one list after the other, the last one again and again.
private final class ScriptedResolver: TargetResolver {
    private let answers: Mutex<[[String]]>

    init(_ answers: [[String]]) { self.answers = Mutex(answers) }

    func addresses(of host: String) async throws -> [NetworkAddress] {
        answers.withLock { answers in
            defer { if answers.count > 1 { answers.removeFirst() } }
            return (answers.first ?? []).compactMap { NetworkAddress($0) }
        }
    }
}

/// Sends nothing anywhere; notes where it was told to.
private final class RecordingConnector: WebhookConnector {
    private let noted = Mutex<[(host: String, address: NetworkAddress)]>([])
    private let reply: WebhookReply

    init(_ reply: WebhookReply = WebhookReply(status: 204)) { self.reply = reply }

    var sent: [String] { noted.withLock { $0.map { "\($0.host) at \($0.address)" } } }

    func send(_ request: WebhookRequest, to address: NetworkAddress, within limit: Duration) async throws -> WebhookReply {
        noted.withLock { $0.append((request.target.host, address)) }
        return reply
    }

    func close() async {}
}

@Suite("The gate before webhooks")
struct WebhookGateTests {
    private func send(
        _ url: String, _ answers: [[String]] = [[]], _ connector: RecordingConnector, allowed: [String] = []
    ) async throws -> WebhookReply {
        let gate = WebhookGate(
            guard: AddressGuard(allowed: allowed.compactMap { AddressRange($0) }), resolver: ScriptedResolver(answers), connector: connector
        )
        let request = WebhookRequest(method: .post, target: try WebhookTarget(url), headers: [], body: [])
        return try await gate.send(request, within: .seconds(5))
    }

    @Test(
        "sends nothing to an address that is refused, and says why",
        arguments: [
            ("http://127.0.0.1/", [[]]), ("https://169.254.169.254/latest/meta-data", [[]]), ("https://[::1]/", [[]]),
            ("https://inside.example.cn/", [["10.0.0.1"]]), ("https://both.example.cn/", [["8.8.8.8", "192.168.0.1"]]),
            ("http://plain.example.cn/", [["8.8.8.8"]]), ("https://nobody.example.cn/", [[]]),
        ] as [(String, [[String]])])
    func refusals(url: String, answers: [[String]]) async throws {
        let connector = RecordingConnector()

        let refusal = await #expect(throws: TargetRefusal.self) { try await send(url, answers, connector) }

        #expect(connector.sent.isEmpty)
        #expect((refusal?.description ?? "").split(separator: " ").count > 4)
    }

    @Test("connects to the very address that was checked, whatever DNS says afterwards")
    func rebinding() async throws {
        let connector = RecordingConnector()

        _ = try await send("https://office.example.cn/", [["8.8.8.8"], ["127.0.0.1"]], connector)

        #expect(connector.sent == ["office.example.cn at 8.8.8.8"])
    }

    @Test("goes where the operator allows it, also without encryption")
    func allowed() async throws {
        let connector = RecordingConnector()

        _ = try await send("http://127.0.0.1:8080/", [[]], connector, allowed: ["127.0.0.0/8"])

        #expect(connector.sent == ["127.0.0.1 at 127.0.0.1"])
    }

    @Test("a redirect is a failure and is not followed, an end that is gone is gone, and who asks for time gets it")
    func outcomes() throws {
        func outcome(_ status: Int, _ headers: [String: String] = [:]) -> DeliveryOutcome {
            DeliveryOutcome(WebhookReply(status: status, headers: headers), now: Instant(microseconds: 784_111_777_000_000))
        }

        if case .away(let reason, nil) = outcome(302, ["location": "http://127.0.0.1/"]) {
            #expect(reason.contains("redirects are not followed"))
        } else {
            Issue.record("a redirect counts as nobody's being there")
        }
        #expect(outcome(204) == .delivered && outcome(410) == .gone)
        #expect(outcome(500) == .refused("it answered 500") && outcome(400) == .refused("it answered 400"))
        #expect(outcome(429, ["retry-after": "7"]) == .away("it answered 429", after: .seconds(7)))
        #expect(outcome(503, ["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT"]) == .away("it answered 503", after: .seconds(10)))
        #expect(outcome(503, ["retry-after": "999999"]) == .away("it answered 503", after: .seconds(3600)))
        #expect(outcome(503, ["retry-after": "soon"]) == .away("it answered 503", after: nil))
    }

    @Test("nothing is posted to an end that does not want it")
    func handshake() throws {
        let handshake = WebhookHandshake(origin: "huiyin.example.gov.cn")
        func grant(_ status: Int, _ headers: [String: String]) throws -> WebhookHandshake.Grant {
            try handshake.grant(in: WebhookReply(status: status, headers: headers))
        }

        #expect(try grant(200, ["webhook-allowed-origin": "*"]).rate == nil)
        #expect(try grant(204, ["webhook-allowed-origin": "huiyin.example.gov.cn", "webhook-allowed-rate": "120"]).rate == 120)
        #expect(throws: TargetRefusal.self) { try grant(200, [:]) }
        #expect(throws: TargetRefusal.self) { try grant(200, ["webhook-allowed-origin": "other.example.cn"]) }
        #expect(throws: TargetRefusal.self) { try grant(404, ["webhook-allowed-origin": "*"]) }
        #expect(throws: TargetRefusal.self) { try grant(200, ["webhook-allowed-origin": "*", "webhook-allowed-rate": "much"]) }
    }

    @Test("a former secret signs beside the new one for a day, and then no more")
    func rotation() throws {
        let now = Instant(microseconds: 1_800_000_000_000_000)
        let code = SubscriptionCode(validated: "water-office")
        let first = SubscriptionSecrets(current: SubscriptionSecrets.fresh(.webhook, code))
        let second = first.rotated(to: SubscriptionSecrets.fresh(.webhook, code), at: now)

        let signed = WebhookSignature.headers(id: "x", at: now, body: [1], secrets: second.counting(at: now))
        let before = WebhookSignature.headers(id: "x", at: now, body: [1], secrets: first.counting(at: now))

        #expect(signed[2].value.split(separator: " ").count == 2)
        #expect(signed[2].value.hasSuffix(before[2].value))
        #expect(second.counting(at: now + .seconds(86_400)) == [second.current])
        #expect(SubscriptionSecrets.code(in: SubscriptionSecrets.fresh(.pull, code)) == code)
        #expect(SubscriptionSecrets.code(in: "hyf_Water_1") == nil && SubscriptionSecrets.code(in: "x") == nil)
    }
}
