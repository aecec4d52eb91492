import AsyncHTTPClient
import Models
import Notification
import PrivateServers
import TestSupport
import Testing

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
            case .untried, .waiting: Issue.record("each was tried")
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
        #expect(outcomes.first == .down("the gateway gave no answer"))
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
