import Models
import TestSupport
import Testing

@testable import Notification

@Suite("A gateway for text messages")
struct GatewayTests {
    static let wicked = "\"},{\"x\":\"\n\\&a=1 é 李\r\nX-Evil: 1 {{phone}}"

    @Test("gets values that stay values, in a JSON body, a form, an address and a header")
    func escaping() throws {
        func filled(_ template: String, _ escaping: RequestTemplate.Escaping) throws -> String {
            try RequestTemplate(template, fields: ["text"], escaping: escaping).filled(with: ["text": Self.wicked])
        }

        let json = try JSONValue(parsing: Array(try filled(#"{"text":"{{ text }}"}"#, .json).utf8))
        let form = try filled("a=0&text={{text}}", .url)
        let header = try filled("Bearer {{text}}", .header)

        #expect(json == .object(["text": .string(Self.wicked)]))
        #expect(form.split(separator: "&").count == 2 && form.contains("%E6%9D%8E") && !form.contains(" "))
        #expect(!header.contains("\n") && !header.contains("\r"))
    }

    private func gateway(successText: String? = nil, neverText: String? = nil) throws -> TextGateway {
        TextGateway(
            method: "POST", url: try RequestTemplate("http://127.0.0.1/", fields: [], escaping: .url), headers: [], body: nil, secrets: [:],
            success: 200...299, successText: successText, neverText: neverText, perSecond: nil)
    }

    @Test(
        "is understood by its status and its words",
        arguments: [
            (200, "{\"code\":0}", "delivered"), (200, "{\"code\":7}", "dropped"), (200, "{\"code\":7,\"reason\":\"bad number\"}", "never"),
            (400, "bad number", "never"), (400, "", "never"), (401, "", "down"), (404, "", "down"), (429, "", "down"), (503, "", "down"),
            (302, "", "down"), (500, "", "dropped"),
        ])
    func answers(status: Int, body: String, fate: String) throws {
        let outcome = try gateway(successText: "\"code\":0", neverText: "bad number").outcome(status, Array(body.utf8))

        let names: [String] = ["delivered", "dropped", "down", "never"]
        let name =
            switch outcome {
            case .delivered: "delivered"
            case .dropped: "dropped"
            case .down: "down"
            case .impossible: "never"
            default: "?"
            }
        #expect(name == fate && names.contains(name))
        #expect(!outcome.answer.contains("number"))
    }

    @Test("spreads requests over the second, and whoever comes too late books nothing")
    func pace() async throws {
        let pace = Pace(perSecond: 4)

        var turns: [ContinuousClock.Instant] = []
        for _ in 0..<3 { turns.append(try #require(await pace.turn(before: .now + .seconds(5)))) }
        for _ in 0..<100 { #expect(await pace.turn(before: .now) == nil) }
        let next = try #require(await pace.turn(before: .now + .seconds(5)))

        #expect(turns[1] - turns[0] >= .milliseconds(250) && turns[2] - turns[1] >= .milliseconds(250))
        #expect(next - turns[2] < .seconds(1))
    }

    @Test("reaches only those with a number")
    func obstacles() throws {
        let carrier = TextCarrier(name: "sms", gateway: try gateway(), client: HTTPExchange.client)
        var letter = NoticeLetter(
            id: NoticeID(UniqueID(high: 8, low: 1)), template: .receipt, recipient: .petitioner, number: "1", name: nil, phone: nil,
            subject: "", body: "", date: try #require(LocalDate("2026-11-25")))

        #expect(carrier.obstacle(to: letter) == "the recipient has no phone number")
        letter.phone = "+-()"
        #expect(carrier.obstacle(to: letter) != nil)
        letter.phone = "000 1111"
        #expect(carrier.obstacle(to: letter) == nil)
    }
}
