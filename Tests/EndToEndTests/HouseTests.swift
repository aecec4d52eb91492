import AMQP
import CaseFlow
import FoundationEssentials
import Glibc
import Logging
import Models
import NIOHTTP1
import Postgres
import PrivateServers
import TestSupport
import Testing

/// The promise, kept by the real executables on a real broker and a real database, while plugs are pulled.
///
/// One house serves all parts, in the order in which they stand, since starting one takes longer than most of them.
@Suite("The house as it runs", .serialized, .timeLimit(.minutes(30)))
struct HouseTests {
    @Test("keeps every promise through imports, faults, repeated deliveries and rubbish")
    func wholeDay() async throws {
        let house = try await RunningHouse()
        do {
            try await importsAndCompletes(house)
            try await answersOverHTTP(house)
            try await DoorWalk(house).walk()
            try await StoryWalk(house).walk()
            try await IssueWalk(house).walk()
            try await LeakKit(house).search()
            try await checks(house)
            try await rotatesSealKey(house)
            try await survivesFaults(house)
            try await survivesBrokerFaults(house)
            try await survivesFrozenWorker(house)
            try await ignoresRepeatedDeliveries(house)
            try await putsRubbishAside(house)
            try await LeakKit(house).flood()
            try await checks(house)
        } catch {
            await house.stop()
            throw error
        }
        await house.stop()
    }

    private func importsAndCompletes(_ house: RunningHouse) async throws {
        let (bytes, known) = InventedMessages.csv(400, mark: "a")
        let file = try house.write("a.csv", bytes)

        let first = try await house.run(["import", file, "--wait", "--json"])
        let again = try await house.run(["import", file, "--json"])

        #expect(first.code == 0, "\(first.err)")
        #expect(first.json?["read"]?.number == 400)
        #expect(first.json?["known"]?.number == known)
        #expect(first.json?["registered"]?.number == 400 - known)
        #expect(first.json?["completed"]?.number == 400 - known)
        #expect(again.json?["known"]?.number == 400)
        try await checks(house)

        let broken = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().map { index, line in
            switch index {
            // A NUL cannot be stored; the other lines of its request must not suffer from it.
            case 20: Array("8,u8,a\0b,text,2025-01-01T00:00:00,0,0".utf8)
            case 170: Array("9,u9,\"never closed,text,2025-01-01T00:00:00,0,0".utf8)
            default: Array(line)
            }
        }
        let result = try await house.run(["import", try house.write("b.csv", Array(broken.joined(separator: [0x0A]))), "--json"])
        #expect(result.json?["read"]?.number ?? 0 >= 400)
        #expect(result.json?["rejected"]?.number ?? 0 >= 1)
        #expect(result.err.contains("line 171:") || result.err.contains("quote"))
        #expect(result.code == 2)
    }

    private func answersOverHTTP(_ house: RunningHouse) async throws {
        func post(_ body: String, key: String? = nil) async throws -> RunningHouse.Reply {
            try await house.ask(.POST, "/v1/cases", body: Array(body.utf8), headers: key.map { ["Idempotency-Key": $0] } ?? [:])
        }
        let good = #"{"kind":"help","title":"灯 𠮷 😀","narrative":"暗","petitioners":[{"name":"甲","phone":"138 0000 0000"}]}"#

        let created = try await post(good, key: "k1")
        let repeated = try await post(good, key: "k1")
        let reused = try await post(good.replacing("暗", with: "黑"), key: "k1")
        let known = try await post(good, key: "k2")

        #expect(created.status == 201)
        #expect(repeated.status == 201 && repeated.body == created.body)
        #expect(reused.status == 422)
        #expect(known.status == 200 && known.json?["number"] == created.json?["number"])
        #expect(known.json?["code"] == nil && known.json?["signature"] == nil)
        let (number, code) = (created.json?["number"]?.string ?? "", created.json?["code"]?.string ?? "")
        #expect(try await house.ask(.GET, "/v1/progress/\(number)?code=\(code)").status == 200)
        #expect(try await house.ask(.GET, "/v1/progress/\(number)?code=WRONG").status == 404)
        #expect(try await house.ask(.GET, "/v1/cases/\(number)").status == 401)
        #expect(try await house.ask(.GET, "/v1/cases/\(number)", staff: true).status == 200)
        let taken = try await house.run(["ledger", "get", number])
        let sound = try house.write("ledger", Array(taken.out.utf8))
        let broken = try house.write("broken", Array(taken.out.utf8.dropFirst()))
        #expect(try await house.run(["ledger", "verify", number]).code == 0)
        #expect(try await house.run(["ledger", "verify", sound]).code == 0)
        #expect(try await house.run(["ledger", "verify", broken]).code == 1)

        let batch = """
            {"cases":[{"key":"b1","case":\(good.replacing("暗", with: "冷"))},{"case":{"kind":"help"}},
             {"key":"b1","case":\(good.replacing("暗", with: "冷"))},{"case":\(good)},{"key":"b1","case":\(good.replacing("暗", with: "热"))}]}
            """
        let answers = try await house.ask(.POST, "/v1/cases/batch", body: Array(batch.utf8), staff: true)
        guard case .array(let results)? = answers.json?["results"] else { return #expect(Bool(false), "\(answers.status)") }
        #expect(results.map { $0["status"]?.number } == [201, 422, 201, 200, 422])
        #expect(results[3]["known"]?["number"] == created.json?["number"] && results[3]["receipt"] == nil)
        #expect(results[0]["receipt"] == results[2]["receipt"])
        let alone = try await post(good.replacing("暗", with: "冷"), key: "b1")
        #expect(alone.status == 201 && alone.json == results[0]["receipt"])
        #expect(results[1]["problem"]?["detail"]?.string?.isEmpty == false)
        #expect(try await house.ask(.POST, "/v1/cases/batch", body: Array(batch.utf8)).status == 401)

        let receipt = try house.write("receipt.json", created.body)
        #expect(try await house.run(["receipt", "verify", receipt]).code == 0)
        let changed = try house.write(
            "changed.json", Array(String(decoding: created.body, as: UTF8.self).replacing(code, with: "AAAAAAAAAA").utf8))
        #expect(try await house.run(["receipt", "verify", changed]).code != 0)

        let bad: [(String, UInt)] = [
            ("rubbish", 400), ("[]", 422), ("{}", 422), (#"{"kind":"help","title":"","narrative":"x","anonymous":true}"#, 422),
            (#"{"kind":1,"title":2,"narrative":[],"anonymous":"x"}"#, 422),
            (#"{"kind":"help","title":"a\u0000b","narrative":"x","anonymous":true}"#, 400),
            (#"{"kind":"help","title":"a","narrative":"x","anonymous":true,"nonsense":1}"#, 422),
            (#"{"kind":"help","title":"a","narrative":"x","anonymous":true,"occurredAt":"9999-12-31T00:00:00Z"}"#, 422),
            (String(repeating: "[", count: 100_000), 400),
            (#"{"kind":"help","title":"a","narrative":"x","anonymous":true,"topic":"no-such-topic"}"#, 422),
        ]
        for (body, status) in bad {
            let reply = try await post(body)
            #expect(reply.status == status, "\(body.prefix(60)) was answered \(reply.status)")
            #expect(reply.json?["detail"]?.string?.isEmpty == false)
        }
        let wrongBytes = try await house.ask(.POST, "/v1/cases", body: [0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D])
        #expect(wrongBytes.status == 400)
        let huge = try await house.ask(.POST, "/v1/cases", body: [UInt8](repeating: 0x20, count: 10 << 20))
        #expect(huge.status == 413)
    }

    /// Gives the house new seal keys while cases come in; the commands that do so are killed now and then.
    private func rotatesSealKey(_ house: RunningHouse) async throws {
        let desk = StaffDesk(house, keys: "seal")
        let body = JSONValue.object([
            "kind": .string("help"), "title": .string("井盖"), "narrative": .string("缺"),
            "petitioners": .array([.object(["name": .string("乙"), "phone": .string("13900000001")])]),
        ])
        let found = try await desk.register(body).receipt
        let clerk = StaffDesk.Person.clerk
        let before = try await desk.take("unmask", of: found, at: .intake, by: clerk, .object(["reason": .string("test")]))
        let key = try house.setting("sealKey")

        try await duringImport("k", house) {
            for limit in [500, 3000, 8000] { _ = try await house.run(["keys", "rotate"], killedAfter: .milliseconds(limit)) }
            let rotated = try await house.run(["keys", "rotate"])
            #expect(rotated.code == 0, "\(rotated.out)\(rotated.err)")
        }

        // What was sealed while the processes changed their keys one after another.
        let rest = try await house.run(["keys", "reseal"])
        #expect(rest.code == 0, "\(rest.err)")
        #expect(try await house.run(["keys", "pending"]).out == "0\n")
        #expect(try house.setting("sealKey") != key)
        let after = try await desk.take("unmask", of: found, at: .intake, by: clerk, .object(["reason": .string("test")]))
        #expect(after.json?["petitioners"] == before.json?["petitioners"] && before.json?["petitioners"] != nil)
        #expect(try await house.ask(.GET, "/v1/progress/\(found.number)?code=\(found.code)").status == 200)
        #expect(try await desk.register(body).receipt.number == found.number)
    }

    /// Pulls plugs at random moments while cases come in.
    private func survivesFaults(_ house: RunningHouse) async throws {
        let (bytes, known) = InventedMessages.csv(1500, mark: "f")
        let file = try house.write("f.csv", bytes)
        async let importing = house.run(["import", file, "--wait", "--json"])
        var random = SystemRandomNumberGenerator()
        let services = ["intake", "routing", "deadline", "notification"]
        let faults: [@Sendable (RunningHouse) async throws -> Void] = [
            { $0.signal("routing", SIGKILL) }, { $0.signal("intake", SIGKILL) }, { _ = try await $0.run(["scale", "routing=3"]) },
            { $0.signal("postgresql", SIGKILL) }, { $0.signal("deadline", SIGSTOP) },
            { house in for name in services { house.signal(name, SIGKILL) } }, { $0.signal("rabbitmq", SIGKILL) },
            { $0.signal("deadline", SIGCONT) }, { $0.signal("notification", SIGKILL) }, { _ = try await $0.run(["scale", "routing=1"]) },
        ]
        for fault in faults {
            try await fault(house)
            try await Task.sleep(for: .milliseconds(Int.random(in: 300...1500, using: &random)))
        }
        house.signal("deadline", SIGCONT)

        let result = try await importing

        #expect(result.code == 0, "\(result.err)")
        #expect(result.json?["read"]?.number == 1500)
        #expect(result.json?["known"]?.number == known)
        #expect(result.json?["completed"]?.number == 1500 - known)
        try await checks(house)
    }

    /// Stops the broker's application for ten seconds, calls its memory short for ten, and at last empties it.
    private func survivesBrokerFaults(_ house: RunningHouse) async throws {
        let broker = try house.broker()
        try await duringImport("s", house) {
            try await broker.control(["stop_app"])
            try await Task.sleep(for: .seconds(10))
            try await broker.control(["start_app"])
        }
        try await duringImport("m", house) {
            try await broker.control(["set_vm_memory_high_watermark", "0.000001"])
            try await Task.sleep(for: .seconds(10))
            try await broker.control(["set_vm_memory_high_watermark", "0.4"])
        }
        try await duringImport("e", house) {
            for word in ["stop_app", "reset", "start_app"] { try await broker.control([word]) }
        }
        // Queues emptied behind the services' backs: nothing tells them, so the operator does.
        try await duringImport("p", house) {
            for source in Source.allCases { try await broker.control(["purge_queue", "huiyin.\(source.rawValue)"]) }
            let resent = try await house.run(["resend", "--json"])
            #expect(resent.code == 0, "\(resent.err)")
            #expect(resent.json?["intake"]?.number ?? 0 > 0)
        }
    }

    /// Freezes a worker for twenty seconds while others come and go.
    private func survivesFrozenWorker(_ house: RunningHouse) async throws {
        try await duringImport("w", house) {
            house.signal("routing", SIGSTOP)
            for count in [2, 4] { _ = try await house.run(["scale", "routing=\(count)"]) }
            try await Task.sleep(for: .seconds(20))
            house.signal("routing", SIGCONT)
            _ = try await house.run(["scale", "routing=1"])
        }
    }

    /// Imports while `fault` is done; every case is complete in the end, and every promise kept.
    private func duringImport(_ mark: String, _ house: RunningHouse, _ fault: () async throws -> Void) async throws {
        let (bytes, known) = InventedMessages.csv(600, mark: mark)
        let file = try house.write("\(mark).csv", bytes)
        async let importing = house.run(["import", file, "--wait", "--json"])
        try await Task.sleep(for: .milliseconds(Int.random(in: 100...600)))
        try await fault()

        let result = try await importing

        #expect(result.code == 0, "\(mark): \(result.err)")
        #expect(result.json?["completed"]?.number == 600 - known, "\(mark): \(result.out)")
        try await checks(house)
    }

    /// Publishes every event of the day again, in random order.
    private func ignoresRepeatedDeliveries(_ house: RunningHouse) async throws {
        let client = PostgresClient(
            PostgresConfiguration(
                url:
                    "postgresql://postgres:\(try house.setting("databasePassword"))@127.0.0.1:\(try house.setting("ports", "postgresql"))/huiyin",
                applicationName: "test", maximumConnections: 1))
        let rows = try await client.run(
            "SELECT event FROM intake.ledger WHERE subject IN (SELECT subject FROM intake.registrations LIMIT 300)")
        let events = try rows.map { try CaseEvent(wire: $0.value(0)) }.shuffled()
        let url = "amqp://huiyin:\(try house.setting("brokerPassword"))@127.0.0.1:\(try house.setting("ports", "rabbitmq"))/"
        let publisher = AMQPPublisher(
            try AMQPConfiguration(url: url, connectionName: "test"), topology: AMQPTopology(), logger: Logger(label: "test"))
        let running = Task { await publisher.run() }
        try await eventually("the test is connected to the broker") { await publisher.isConnected }
        // Of cases alone: that an issue becomes hotter is told at any time.
        let lines: SQL = "SELECT count(*) FROM intake.ledger WHERE subject IN (SELECT subject FROM intake.registrations)"
        let before = try await client.run(lines).first?.value(0, as: Int.self)

        for start in stride(from: 0, to: events.count, by: 500) {
            let messages = events[start..<min(start + 500, events.count)].map { event in
                AMQPMessage(
                    exchange: "huiyin.events", routingKey: event.source.rawValue, contentType: EventBundle.contentType,
                    body: EventBundle.pack([event])[0], mandatory: true)
            }
            #expect(try await publisher.publish(messages).allSatisfy { $0 == .confirmed })
        }

        try await checks(house)
        let after = try await client.run(lines).first?.value(0, as: Int.self)
        #expect(before == after)
        await publisher.close()
        await running.value
        await client.close()
    }

    /// Publishes rubbish straight into each service's queue.
    private func putsRubbishAside(_ house: RunningHouse) async throws {
        let url = "amqp://huiyin:\(try house.setting("brokerPassword"))@127.0.0.1:\(try house.setting("ports", "rabbitmq"))/"
        let configuration = try AMQPConfiguration(url: url, connectionName: "test")
        let publisher = AMQPPublisher(configuration, topology: AMQPTopology(), logger: Logger(label: "test"))
        let running = Task { await publisher.run() }
        try await eventually("the test is connected to the broker") { await publisher.isConnected }
        let inspection = AMQPInspection(configuration)
        let before = try await inspection.depths(of: ["huiyin.undecodable"])["huiyin.undecodable"] ?? 0
        // An event that is right in all but its time, which would be in another year if it were written in UTC.
        let event = CaseEvent(
            id: EventID(UniqueID(high: 1, low: 1)), source: .intake, subject: Subject(UniqueID(high: 1, low: 1)), type: "case.registered",
            version: 1, time: Instant(microseconds: 0), sequence: 5, after: .init(), county: "", traceparent: nil, data: Array("{}".utf8))
        let late = String(decoding: EventBundle.pack([event])[0], as: UTF8.self)
            .replacing("1970-01-01T00:00:00.000000Z", with: "9999-12-31T23:59:59.000000-08:00")
        let rubbish: [[UInt8]] = [
            [], [0xFF, 0x00, 0x12], Array("[{\"id\":1}]".utf8), Array(String(repeating: "[", count: 100_000).utf8), Array(late.utf8),
        ]

        for source in Source.allCases {
            let messages = rubbish.map {
                AMQPMessage(exchange: "", routingKey: "huiyin.\(source.rawValue)", contentType: "text/plain", body: $0, mandatory: true)
            }
            #expect(try await publisher.publish(messages).allSatisfy { $0 == .confirmed })
        }

        try await eventually("all rubbish is put aside") {
            try await inspection.depths(of: ["huiyin.undecodable"])["huiyin.undecodable"] ?? 0 >= before + 20
        }
        await publisher.close()
        await inspection.close()
        await running.value
    }

    private func checks(_ house: RunningHouse) async throws {
        let result = try await house.run(["check", "--json", "--settle", "60"])
        #expect(result.code == 0, "\(result.out)\(result.err)")
        #expect(result.json?["ok"] == .bool(true))
    }
}
