import FoundationEssentials
import Glibc
import Models
import NIOHTTP1
import PrivateServers
import TestSupport
import Testing

/// The feed as departments get it: real receivers on loopback, which refuse, sleep, hang and start anew, while the county's processes and its
/// broker are killed.
@Suite("The feed to departments", .serialized, .timeLimit(.minutes(20)))
struct FeedTests {
    @Test("reaches everybody whole and in order, whatever is killed, and nobody beyond their circle")
    func wholeFeed() async throws {
        let (gateway, folder) = (try await Counterpart("gateway.py"), try TestDirectory("huiyin-ways"))
        let ways = """
            ways:
              people: {kind: webhook, url: "http://127.0.0.1:\(gateway.port)/people"}
            reach:
              petitioners: [people]
              units: [people]
            """
        try FileTree.write(Array(ways.utf8), to: folder.path + "/ways.yaml", mode: 0o600)
        let house = try await RunningHouse([
            "HUIYIN_WEBHOOK_ALLOWED": "127.0.0.1/32", "HUIYIN_NOTICE_WAYS": folder.path + "/ways.yaml",
        ])
        do {
            try await play(in: house, gateway)
        } catch {
            await house.stop()
            throw error
        }
        await house.stop()
        await gateway.stop()
    }

    private func play(in house: RunningHouse, _ gateway: Counterpart) async throws {
        let receiving = [
            try await Department.webhook("plain", [:], form: "structured", of: "water", in: house),
            try await Department.webhook(
                "moody", ["refuse": .double(0.03), "slow": .double(0.02)], form: "structured", of: "water", in: house),
            try await Department.webhook("short", ["refuse": .double(0.02)], form: "binary", of: "water", in: house),
            try await Department.webhook("greedy", ["refuse": .double(0.02)], form: "batch", of: "water", in: house),
            try await Department.webhook("accused", [:], form: "structured", of: "education", in: house),
            try await Department.webhook("circle", [:], form: "structured", of: "discipline", in: house),
        ]
        let hanging = [
            try await Department.webhook("hanging-1", ["hang": true], form: "structured", of: "water", in: house),
            try await Department.webhook("hanging-2", ["hang": true], form: "batch", of: "water", in: house),
        ]
        let queue = try await Department.queue("queue", of: "water", in: house)
        let made = try await house.run(["subscription", "add", "fetching", "--unit", "water", "--pull", "--json"])
        let token = try #require(made.json?["secret"]?.string, "\(made.err)")
        try await refusals(house)
        let answers = try await queue.read()
        #expect(answers.count > 10 && answers.allSatisfy { $0.hasSuffix(": 403") }, "\(answers)")

        try await accuse(in: house)
        let (bytes, _) = InventedMessages.csv(5000, mark: "f", repeats: false)
        let file = try house.write("feed.csv", bytes)
        async let importing = house.run(["import", file, "--wait", "--json"])
        try await harm(house, receiving[0], receiving[1])
        let imported = try await importing
        #expect(imported.code == 0, "\(imported.err)")

        for department in receiving {
            let number = try await department.settled(within: .seconds(180))
            Department.expectWhole(department.heard, number, department.name)
            #expect(await department.complaints == [], "\(department.name)")
            #expect(number > 20_000)
        }
        // Its connection ended with the broker.
        try await queue.readAgain()
        let number = try await queue.settled(within: .seconds(180))
        try await eventually(within: .seconds(120), "the queue is read to its end") { Set(queue.heard.map(\.position)).count == number }
        Department.expectWhole(queue.heard, number, queue.name)
        Department.expectWhole(try await fetch(token, in: house), number, "fetching")
        // An accusation is for those who handle it alone, and nobody else's numbers tell that there is one.
        #expect(receiving[4].heard.allSatisfy { $0.kind != "accusation" })
        #expect(receiving[5].heard.contains { $0.kind == "accusation" })
        #expect(try await receiving[5].shown()["number"]?.number ?? 0 > number)
        #expect(try await receiving[4].shown()["number"]?.number == number)
        try await notices(house, gateway)
        // Secrets of subscriptions are sealed anew with everything else, and sign as before.
        let rotated = try await house.run(["keys", "rotate"])
        #expect(rotated.code == 0, "\(rotated.err)")
        try await replays(receiving[0], in: house)
        #expect(await receiving[0].complaints == [])
        for department in receiving + hanging + [queue] { await department.stop() }
        let check = try await house.run(["check"])
        #expect(check.code == 0, "\(check.out) \(check.err)")
    }

    /// Every notice has come to the gateway, whatever was killed meanwhile: what came again came under its id.
    private func notices(_ house: RunningHouse, _ gateway: Counterpart) async throws {
        try await eventually(within: .seconds(180), "every notice is delivered") {
            let due = try await house.run(["notice", "list", "--phase", "due", "--json"])
            return due.code == 0 && due.out.isEmpty
        }
        let sent = gateway.lines.compactMap { try? JSONValue(parsing: Array($0.utf8)) }
        var bodies: [String: JSONValue] = [:]
        for notice in sent {
            guard let id = notice["id"]?.string, let body = notice["body"] else { continue }
            #expect(bodies.updateValue(body, forKey: id) ?? body == body, "the notice \(id) says something else the second time")
        }
        let receipts = Set(bodies.values.filter { $0["template"] == "receipt" }.compactMap { $0["number"]?.string })
        #expect(receipts.count == 5000, "\(receipts.count) receipts in \(bodies.count) notices, \(sent.count) requests")
    }

    /// What an operator gets wrong is refused with a sentence.
    private func refusals(_ house: RunningHouse) async throws {
        for (arguments, word) in [
            (["--url", "http://169.254.169.254/latest"], "link-local"), (["--url", "https://[::1]/"], "machine"),
            (["--url", "http://10.0.0.1/"], "private"), (["--url", "http://127.0.0.1:1/"], "OPTIONS"),
            (["--pull", "--units", "nowhere"], "nowhere"),
        ] {
            let refused = try await house.run(["subscription", "add", "wrong", "--unit", "water"] + arguments)
            #expect(refused.code != 0 && refused.err.contains(word), "\(arguments): \(refused.err)")
        }
        let again = try await house.run(["subscription", "add", "plain", "--unit", "water", "--pull"])
        #expect(again.code != 0 && again.err.contains("already"), "\(again.err)")
    }

    private func accuse(in house: RunningHouse) async throws {
        let body = #"{"kind":"accusation","title":"x","narrative":"x","anonymous":true,"accused":[{"unit":"education"}]}"#
        for _ in 0..<3 {
            let reply = try await house.ask(.POST, "/v1/cases", body: Array(body.utf8))
            #expect(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
        }
    }

    /// Kills what delivers, what receives and what carries, while the feed flows.
    private func harm(_ house: RunningHouse, _ plain: Department, _ moody: Department) async throws {
        let broker = try house.broker()
        for round in 1...4 {
            let before = plain.count
            // Towards the end there is nothing more to come.
            try await eventually(within: .seconds(90), "more arrives in round \(round), after \(before)") {
                plain.count > min(before + 1500, 20_000)
            }
            house.signal("notification", SIGKILL)
            try await moody.restart()
            if round == 2 { for word in ["stop_app", "reset", "start_app"] { try await broker.control([word]) } }
        }
    }

    /// Fetches page after page until there is nothing more.
    private func fetch(_ token: String, in house: RunningHouse) async throws -> [Department.Heard] {
        var (heard, after) = ([Department.Heard](), 0)
        while true {
            let reply = try await house.ask(
                .GET, "/v1/feed?after=\(after)&limit=500", headers: ["Authorization": "Bearer \(token)"], service: "notification")
            guard case .array(let events)? = reply.json?["events"], !events.isEmpty else { return heard }
            heard += events.map { event in
                Department.Heard(
                    id: event["id"]?.string ?? "", subject: event["subject"]?.string ?? "", type: event["type"]?.string ?? "",
                    sequence: event["sequence"]?.number ?? 0, position: Int(event["position"]?.string ?? "") ?? 0, kind: nil)
            }
            after = reply.json?["next"]?.number ?? after
        }
    }

    /// What was delivered comes again from a number on, under the same numbers.
    private func replays(_ department: Department, in house: RunningHouse) async throws {
        let (before, number) = (department.count, try await department.settled(within: .seconds(10)))
        let replayed = try await house.run(["subscription", "replay", department.name, "--from", "\(number - 99)"])
        #expect(replayed.code == 0, "\(replayed.err)")

        try await eventually(within: .seconds(60), "a hundred events come again") { department.count >= before + 100 }
        #expect(Set(department.heard[before...].map(\.position)).isSuperset(of: Set(number - 99...number)))
    }
}
