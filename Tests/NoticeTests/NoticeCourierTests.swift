import AsyncHTTPClient
import Models
import Postgres
import PrivateServers
import SMTP
import TestSupport
import Testing

@testable import Notification
@testable import Operator

/// Couriers with a real database and real servers on the other side.
@Suite("Couriers of notices", .timeLimit(.minutes(5)))
struct NoticeCourierTests {
    private static func mail(_ port: UInt16, limit: Duration = .seconds(20)) throws -> MailCarrier {
        MailCarrier(
            server: try SMTPServer(url: "smtp://127.0.0.1:\(port)", isPlain: true, connectLimit: limit, limit: limit),
            sender: .init(name: "测试县", address: "office@county.example"))
    }

    private static func text(_ url: String, _ client: HTTPClient) throws -> TextCarrier {
        let fields = TextGateway.fields + ["token"]
        return TextCarrier(
            name: "sms",
            gateway: TextGateway(
                method: "POST", url: try RequestTemplate("\(url)/sms", fields: fields, escaping: .url),
                headers: [
                    ("Content-Type", try RequestTemplate("application/json", fields: fields, escaping: .header)),
                    ("Authorization", try RequestTemplate("Bearer {{token}}", fields: fields, escaping: .header)),
                ], body: try RequestTemplate(#"{"phone":"{{phone}}","text":"{{text}}"}"#, fields: fields, escaping: .json),
                secrets: ["token": "geheim"], success: 200...299, successText: #""code":0"#, neverText: "invalid", perSecond: nil),
            client: client)
    }

    private func contact(_ number: Int, phone: Bool = true, email: Bool = true) -> PetitionerContact {
        PetitionerContact(
            name: "李华\(number)", phone: phone ? "000 1234 \(1000 + number)" : nil, email: email ? "li\(number)@people.example" : nil,
            address: "柳树村\(number)号", code: "CODE\(number)")
    }

    @Test("give a notice to the first way that reaches its recipient, and a letter to whom none does")
    func fallbacks() async throws {
        let (gateway, room, folder) = (try await Gateway(), try await MailRoom(), try TestDirectory())
        let client = HTTPClient.shared
        let house = try await NoticeHouse(
            [try Self.text(gateway.url, client), try Self.mail(room.counterpart.port), LetterCarrier(directory: folder.path)],
            petitioners: ["sms", "mail", "letter"], units: ["mail"])

        try await house.running {
            try await house.register(0..<1) { contact($0) }
            try await house.register(1..<2) { contact($0, phone: false) }
            try await house.register(2..<3) { contact($0, phone: false, email: false) }
            try await eventually { try await house.count("delivered") == 3 }
        }

        let (texts, mails) = (try gateway.requests(), try room.mails())
        #expect(texts.map(\.body["phone"]) == ["000 1234 1000"] && texts.map(\.authorization) == ["Bearer geheim"])
        #expect(mails.map(\.recipient) == ["li1@people.example"])
        let day = try #require(FileTree.names(in: folder.path).first)
        let letters = FileTree.names(in: "\(folder.path)/\(day)")
        #expect(letters.count == 1 && letters.allSatisfy { $0.hasPrefix("20260921-100002-1-receipt-") && $0.hasSuffix(".html") })
        #expect(try await house.told(NoticeDelivered.type) == 3)
        #expect(try await house.answers(of: "sms") == ["delivered"])
        await house.close()
        await gateway.counterpart.stop()
        await room.counterpart.stop()
    }

    @Test("go on by the next way when one refuses for good, and tell of a failure after the last")
    func refusals() async throws {
        let (gateway, room) = (try await Gateway(), try await MailRoom())
        let client = HTTPClient.shared
        let house = try await NoticeHouse(
            [try Self.text(gateway.url, client), try Self.mail(room.counterpart.port)], petitioners: ["sms", "mail"], units: ["mail"])
        @Sendable func person(_ email: String) -> PetitionerContact {
            PetitionerContact(name: nil, phone: "000 999", email: email, code: "C")
        }

        try await house.running {
            try await house.register(0..<1) { _ in person("li@people.example") }
            try await house.register(1..<2) { _ in person("unknown@people.example") }
            try await eventually { try await [house.count("delivered"), house.count("failed")] == [1, 1] }
        }

        #expect(try room.mails().map(\.recipient) == ["li@people.example"])
        #expect(try await house.told(NoticeDelivered.type) == 1)
        #expect(try await house.told(NoticeFailed.type) == 1)
        let answers = try await house.answers(of: "mail")
        #expect(answers.sorted() == ["delivered", "the mail server refuses the recipient (550 5.1.1)"])
        #expect(try await house.answers(of: "sms") == Array(repeating: "the gateway answered 200 and refused it for good", count: 2))

        // The operator has the one that failed tried again; the ledger hears of no second failure.
        let desk = NoticeDesk(client: house.administrator)
        let failed = try await desk.list(phase: nil, number: nil, limit: 10)
        #expect(failed.map(\.phase) == ["failed"])
        #expect(try await desk.retry(failed.map(\.id), way: nil) == 1)
        try await house.running {
            await withTaskGroup { group in
                group.addTask {
                    await NoticeWatch(record: NoticeBook(client: house.client), routes: house.routes, logger: house.log.logger).run()
                }
                try? await eventually { try await [house.answers(of: "mail").count, house.count("failed")] == [3, 1] }
                group.cancelAll()
            }
        }
        #expect(try await house.told(NoticeFailed.type) == 1)
        await house.close()
        await gateway.counterpart.stop()
        await room.counterpart.stop()
    }

    @Test("try a greylisted mail again later, and one that the operator hurries at once")
    func greylisting() async throws {
        let room = try await MailRoom()
        let house = try await NoticeHouse([try Self.mail(room.counterpart.port)], petitioners: ["mail"], units: ["mail"])

        try await house.running {
            try await house.register(0..<1) { _ in PetitionerContact(name: nil, phone: "1", email: "greylist@people.example", code: "C") }
            try await eventually { try await house.answers(of: "mail").count == 1 }
            _ = try await NoticeDesk(client: house.administrator).retry([], way: "mail")
            try await eventually { try await house.count("delivered") == 1 }
        }

        #expect(
            try await house.answers(of: "mail") == ["the mail server does not take this mail now (451 4.7.1)", "delivered"])
        #expect(try room.mails().count == 1)
        await house.close()
        await room.counterpart.stop()
    }

    @Test("let 10,000 notices for a dead mail server delay no text message and no webhook, and lose no try of theirs")
    func bulkheads() async throws {
        let (gateway, room) = (try await Gateway(), try await MailRoom())
        let client = HTTPClient.shared
        let house = try await NoticeHouse(
            [
                try Self.mail(room.counterpart.port, limit: .seconds(1)), try Self.text(gateway.url, client),
                WebhookCarrier(url: "\(gateway.url)/units", client: client),
            ], petitioners: ["sms"], units: ["mail", "webhook"])
        try await house.register(0..<1) { contact($0) }
        try await house.owe(10_000, to: TestCounty.roads, of: 0)
        try await house.client.run(
            """
            INSERT INTO notices (id, subject, template, recipient, fields, county, way, created_at)
            SELECT gen_random_uuid(), subject, template, recipient, fields, county, 'webhook', now() + interval '1 hour'
            FROM notices WHERE way = 'mail' LIMIT 100
            """)
        // It listens and never says a word.
        room.counterpart.freeze()

        try await house.running {
            try await eventually(within: .seconds(60), "the first mail is stuck") { try await !house.answers(of: "mail").isEmpty }
            try await house.register(1..<101) { contact($0) }
            try await eventually(within: .seconds(60), "texts and webhooks") {
                try gateway.requests().count == 101 && gateway.requests(to: "/units").count == 100
            }
            // All of them went while not a single mail did.
            #expect(try await house.count("due", way: "mail") == 10_000)
            try await eventually(within: .seconds(60), "the breaker opens") {
                house.log.lines.contains { $0.hasPrefix("error a way for notices") }
            }
            // Each waits with all its tries, those that were given to the dead server, too.
            try await eventually(within: .seconds(60), "every mail waits") {
                try await house.client.run(
                    "SELECT count(*) FROM notices WHERE way = 'mail' AND attempts = 0 AND last_answer IS NOT NULL AND next_at > now()"
                ).first?.value(0) == 10_000
            }
            #expect(try await house.answers(of: "mail").count < 30)
        }

        #expect(house.log.lines.count { $0.hasPrefix("error a way for notices is down") } == 1)
        await house.close()
        room.counterpart.thaw()
        await room.counterpart.stop()
        await gateway.counterpart.stop()
    }

    @Test("deliver everything once by its id when couriers die in the middle and replicas work side by side")
    func deaths() async throws {
        let room = try await MailRoom()
        let first = try await NoticeHouse([try Self.mail(room.counterpart.port)], petitioners: ["mail"], units: ["mail"])
        try await first.register(0..<60) { contact($0) }

        try await first.running { try await eventually { try !room.mails().isEmpty } }
        let url = try await first.client.run("SELECT current_database()").first?.value(0, as: String.self)
        let address = try #require(url.map { $0 })
        let second = try await NoticeHouse(
            [try Self.mail(room.counterpart.port)], petitioners: ["mail"], units: ["mail"],
            at: await PostgresServer.shared.description.url(database: address))
        try await first.hurry()
        try await first.running {
            try await second.running { try await eventually(within: .seconds(60)) { try await first.count("delivered") == 60 } }
        }

        #expect(Set(try room.mails().map(\.id)).count == 60)
        #expect(Set(try room.mails().map(\.recipient)).count == 60)
        #expect(try await first.told(NoticeDelivered.type) == 60)
        await first.close()
        await second.close()
        await room.counterpart.stop()
    }

    @Test("leave no name, number or address in logs, attempts, answers and lists")
    func leaks() async throws {
        let (gateway, room) = (try await Gateway(), try await MailRoom())
        let client = HTTPClient.shared
        let house = try await NoticeHouse(
            [try Self.text(gateway.url, client), try Self.mail(room.counterpart.port)], petitioners: ["sms", "mail"], units: ["mail"])
        let secrets = ["unknown", "people.example", "139 999", "139 503", "geheim", "李华"]

        try await house.running {
            try await house.register(0..<4) { number in
                PetitionerContact(
                    name: "李华", phone: number.isMultiple(of: 2) ? ["139 999", "139 503"][number / 2] : nil,
                    email: ["unknown", "spam", "greylist", "drop"][number] + "@people.example", code: "CODE")
            }
            try await eventually { try await house.client.run("SELECT 1 FROM notice_attempts").count >= 4 }
        }

        let stored = try await house.client.run(
            """
            SELECT coalesce(string_agg(a::text, ' '), '') FROM notice_attempts a
            UNION ALL SELECT coalesce(string_agg(last_answer, ' '), '') FROM notices
            """
        ).map { try $0.value(0, as: String.self) }
        let desk = NoticeDesk(client: house.administrator)
        var lists: [String] = []
        for phase in ["failed", "due", "delivered"] {
            for entry in try await desk.list(phase: phase, number: nil, limit: 100) {
                lists += [entry.line, entry.json.text]
                lists += try await desk.attempts(of: entry.id, subject: entry.subject).map { $0.line + $0.json(of: entry.id).text }
            }
        }
        let page = try await NoticeQueries(client: house.client).page(nil, of: NoticeHouse.subject(0), after: .beginning, limit: 10)
        lists += page.map { $0.json(number: "n").text }
        #expect(!lists.isEmpty && page.count == 1)
        for text in stored + lists + house.log.lines {
            for secret in secrets { #expect(!text.contains(secret), "\(secret) in \(text)") }
        }
        await house.close()
        await gateway.counterpart.stop()
        await room.counterpart.stop()
    }
}
