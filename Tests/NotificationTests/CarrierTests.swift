import AsyncHTTPClient
import Models
import NIOCore
import NIOHTTP1
import PrivateServers
import TestSupport
import Testing

@testable import Notification

@Suite("Carriers of notices", .timeLimit(.minutes(2)))
struct CarrierTests {
    private func letters(_ count: Int) throws -> [NoticeLetter] {
        try (0..<count).map { number in
            NoticeLetter(
                id: NoticeID(UniqueID(high: 8, low: UInt64(number))), template: .assigned,
                recipient: .unit(try UnitCode(validating: "edu")),
                number: "20261125-00000\(number)-1", name: nil, phone: nil, subject: "subject", body: "body",
                date: try #require(LocalDate("2026-11-25")))
        }
    }

    /// What becomes of `count` letters at a gateway with these manners.
    private func post(_ count: Int, to manner: GatewayStub.Manner, within limit: Duration = .seconds(60)) async throws -> [NoticeOutcome] {
        let gateway = try await GatewayStub(manner)
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let carrier = WebhookCarrier(url: gateway.url, client: client, timeout: .milliseconds(300))
        let outcomes = await carrier.deliver(try letters(count), within: limit)
        try await client.shutdown()
        try await gateway.close()
        return outcomes
    }

    @Test(
        "tell a gateway's yes from not now and never",
        arguments: [
            (200, "delivered"), (204, "delivered"), (503, "down"), (429, "down"), (500, "dropped"), (408, "dropped"), (404, "down"),
            (400, "never"),
            (302, "down"),
        ])
    func statuses(status: Int, fate: String) async throws {
        let outcomes = try await post(3, to: .answer(status))

        for outcome in outcomes {
            switch outcome {
            case .delivered: #expect(fate == "delivered")
            case .down: #expect(fate == "down")
            case .dropped: #expect(fate == "dropped")
            case .later: Issue.record("a webhook refuses no single notice for now")
            case .impossible: #expect(fate == "never")
            case .untried, .early, .waiting: Issue.record("each was tried")
            }
        }
        #expect(outcomes.count == 3)
    }

    @Test("go on past a gateway that begins an answer and never ends it")
    func stalls() async throws {
        #expect(try await post(2, to: .headOnly) == [.delivered, .delivered])
    }

    @Test("leave most of a batch untried when the gateway is silent")
    func silence() async throws {
        let outcomes = try await post(100, to: .silence)

        let untried = outcomes.count { if case .untried = $0 { true } else { false } }
        #expect(outcomes.count == 100)
        #expect(untried >= 60)
        // It may have taken what it said nothing to, so each costs a try.
        #expect(outcomes.first == .dropped("the gateway gave no answer"))
    }

    @Test("tell a gateway that cannot be reached from one that says nothing, and give one that is busy the rest that it asks for")
    func unreachable() async throws {
        let gateway = try await GatewayStub(.silence)
        let url = gateway.url
        try await gateway.close()

        let nobody = await WebhookCarrier(url: url, client: HTTPExchange.client).deliver(try letters(1), within: .seconds(10))
        let busy = try await post(1, to: .answer(429, headers: "Retry-After: 90\r\n"))

        #expect(nobody == [.down("the gateway cannot be reached")])
        #expect(busy == [.down("the gateway answered 429", rest: .seconds(90))])
    }

    @Test("read what has come of an answer that never ends")
    func half() async throws {
        let gateway = try await GatewayStub(.half("{\"code\":0" + String(repeating: " ", count: 70_000)))
        var request = HTTPClientRequest(url: gateway.url)
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: "{}"))

        let outcome = await HTTPExchange(client: HTTPExchange.client, timeout: .seconds(20)).send(request)

        guard case .answered(200, let body, nil) = outcome else {
            Issue.record("it answered")
            return
        }
        #expect(body.count == 65_536 && body.starts(with: "{\"code\":0".utf8))
        try await gateway.close()
    }

    @Test("put no letter in the outbox that nobody knows where to carry")
    func addresses() throws {
        let carrier = LetterCarrier(directory: "/nowhere")
        var letter = try #require(try letters(1).first)

        #expect(carrier.obstacle(to: letter) == nil)
        letter.recipient = .petitioner
        #expect(carrier.obstacle(to: letter) == "the recipient has no postal address")
        letter.address = " "
        #expect(carrier.obstacle(to: letter) != nil)
        letter.address = "柳树村3号"
        #expect(carrier.obstacle(to: letter) == nil)
    }

    @Test("begin nothing once their time is over")
    func overTime() async throws {
        let outcomes = try await post(3, to: .answer(200), within: .zero)

        #expect(outcomes.allSatisfy { if case .untried = $0 { true } else { false } })
    }

    @Test("put a notice that is delivered twice into one file")
    func oneFile() async throws {
        let directory = try TestDirectory()
        let carrier = FileCarrier(directory: directory.path)
        let letters = try letters(2)

        let first = await carrier.deliver(letters, within: .seconds(10))
        let second = await carrier.deliver(letters, within: .seconds(10))

        #expect(first + second == Array(repeating: .delivered, count: 4))
        let names = FileTree.names(in: directory.path + "/2026-11-25")
        #expect(names.count == 2)
        #expect(names.allSatisfy { $0.hasSuffix(".json") })
    }
}
