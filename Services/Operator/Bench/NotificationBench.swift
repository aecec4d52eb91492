import FoundationEssentials
import Models
import NIOHTTP1
import Postgres
import ServiceKit

/// The measurements of notification: how fast it delivers, and what departments that hang cost the others.
struct NotificationBench: Sendable {
    let county: CountyDefinition
    /// The folder with the programs of the services; nil for the one beside this program.
    var programs: String?
    let report: @Sendable (String) -> Void

    /// How many departments receive, and how many more hang.
    var receiving = 7
    var hanging = 3

    /// A house with its receivers, in which cases can be registered.
    private struct Field {
        let house: BenchHouse
        let receiver: FeedReceiver
        let intake: IntakeClient
        let notification: IntakeClient

        func subscribe(_ code: String, to path: String) async throws {
            let body: JSONValue = .object([
                "code": .string(code), "unit": .string("water"), "kind": "webhook", "url": .string(receiver.url + path),
                "form": "structured", "start": "now", "filter": .object([:]),
            ])
            try await ask(.POST, "", body)
        }

        func ask(_ method: HTTPMethod, _ path: String, _ body: JSONValue) async throws {
            let reply = try await notification.ask(method, "/v1/subscriptions" + path, body: body.canonical)
            guard (200..<300).contains(reply.status) else { throw CommandFailure(reply.problem) }
        }

        /// Registers a case; `mark` and `number` make it one of its own.
        func register(_ mark: String, _ number: Int) async throws {
            let body =
                #"{"kind":"help","title":"路灯 \#(mark) \#(number)","narrative":"路口的灯不亮已经三天。","petitioners":[{"name":"n","phone":"1"}]}"#
            let reply = try await intake.ask(.POST, "/v1/cases", body: Array(body.utf8))
            guard reply.status == 201 else { throw CommandFailure(reply.problem) }
        }

        /// How many events the receiving departments were owed and got, and how many entries they have still to look at.
        func progress() async throws -> (number: Int, behind: Int) {
            let reply = try await notification.ask(.GET, "/v1/subscriptions")
            let receiving = (reply.json?["subscriptions"]?.elements ?? []).filter { $0["code"]?.plain.hasPrefix("d-") == true }
            func sum(_ name: String) -> Int { receiving.reduce(0) { $0 + (Int($1[name]?.plain ?? "") ?? 0) } }
            return (sum("number"), sum("behind") + sum("parked"))
        }

        /// Waits until the services have told each other everything, so that the feed stands still.
        func still() async throws {
            var last = -1
            while true {
                for service in ["intake", "routing", "deadline", "notification"] { try await house.settled(service) }
                let now = try await house.client.run("SELECT count(*) FROM notification.feed").first?.value(0, as: Int.self) ?? 0
                if now == last { return }
                last = now
                try await Task.sleep(for: .seconds(1))
            }
        }

        /// Waits until the feed stands still and has been delivered to its end.
        func calm() async throws {
            try await still()
            let end = ContinuousClock.now + .seconds(120)
            while try await progress().behind > 0 {
                guard .now < end else { throw CommandFailure("The departments did not get everything within two minutes.") }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// The delays of the receiving departments while the others are paused, and while they hang, in turns; then a burst.
    ///
    /// Cases are registered at their times whether or not the house keeps up.
    func run(rate: Int, seconds: Int, turns: Int, burst: Int) async throws -> BenchFigures {
        let receiver = try await FeedReceiver()
        do {
            let result = try await BenchHouse.with(
                programs: programs, settings: ["HUIYIN_WEBHOOK_ALLOWED": "127.0.0.1/32"], report: report
            ) { house in
                for service in HouseSettings.services { try await house.start(service, number: 1) }
                let token = house.operatorToken
                return try await IntakeClient.with(address: try house.address("intake"), token: token) { intake in
                    try await IntakeClient.with(address: try house.address("notification"), token: token) { notification in
                        let field = Field(house: house, receiver: receiver, intake: intake, notification: notification)
                        return try await measure(field, rate: rate, seconds: seconds, turns: turns, burst: burst)
                    }
                }
            }
            await receiver.close()
            return result
        } catch {
            await receiver.close()
            throw error
        }
    }

    private func measure(_ field: Field, rate: Int, seconds: Int, turns: Int, burst: Int) async throws -> BenchFigures {
        _ = try await field.intake.need(.PUT, "/v1/county", body: try county.canonicalJSON())
        // A county that has just come into force is known to the other services a moment later.
        let end = ContinuousClock.now + .seconds(15)
        while true {
            do {
                try await field.subscribe("d-1", to: "/d/1")
                break
            } catch  where ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(300)) }
        }
        for number in 2...receiving { try await field.subscribe("d-\(number)", to: "/d/\(number)") }
        for number in 1...hanging { try await field.subscribe("h-\(number)", to: "/h/\(number)") }
        try await steadily(rate, for: 3, "w", field)
        try await field.calm()
        _ = field.receiver.takeAll()
        let before = try await field.progress().number

        var heard = 0
        let rows = try await FloorRun.counts(field.house.client)
        var (alone, beside, registered): ([Double], [Double], [Double]) = ([], [], [])
        for turn in 0..<2 * turns {
            let hang = turn.isMultiple(of: 2) == (turn / 2).isMultiple(of: 2)
            for number in 1...hanging {
                try await field.ask(.POST, "/h-\(number)/\(hang ? "resume" : "pause")", .object([:]))
            }
            report("turn \(turn + 1) of \(2 * turns), \(hang ? "beside \(hanging) that hang" : "alone")")
            // What has changed has settled, and the hanging ones are waited for.
            try await steadily(rate, for: 5, "s\(turn)", field)
            let begin = SystemTime.now
            try await steadily(rate, for: seconds, "t\(turn)", field)
            try await field.calm()
            let arrivals = field.receiver.takeAll()
            heard += arrivals.count
            let timely = arrivals.filter { $0.time >= begin }
            let delays = timely.map(\.milliseconds)
            if !hang { registered += timely.filter { $0.type == CaseRegistered.type }.map(\.milliseconds) }
            if hang { beside += delays } else { alone += delays }
        }

        let missing = try await field.progress().number - before - heard
        let floor = try await FloorRun(of: 2 * turns * rate * (seconds + 5), since: rows, field.house.client)
        for number in 1...hanging { try await field.ask(.POST, "/h-\(number)/pause", .object([:])) }
        for number in 1...receiving { try await field.ask(.POST, "/d-\(number)/pause", .object([:])) }
        report("a burst of \(burst) cases")
        // A pause takes effect when the service next looks at its subscriptions.
        try await Task.sleep(for: .seconds(5))
        try await hastily(burst, field)
        try await field.still()
        _ = field.receiver.takeAll()
        try await field.ask(.POST, "/d-1/resume", .object([:]))
        var last = -1
        while last != field.receiver.count || last == 0 {
            last = field.receiver.count
            try await Task.sleep(for: .seconds(3))
        }
        let backlog = field.receiver.takeAll()
        let took = backlog.last.flatMap { last in backlog.first.map { last.arrived - $0.arrived } } ?? .zero
        try await field.ask(.POST, "/d-1/pause", .object([:]))
        report("the floor: the same rows and messages, an event of each case for \(receiving) departments")
        try await field.house.settled("notification")
        _ = field.receiver.takeAll()
        _ = try await floor.run(
            .feed(rate: rate, port: field.receiver.port, departments: receiving), cases: rate * seconds, in: field.house)
        let least = field.receiver.takeAll().map(\.milliseconds).sorted()
        guard least.count == rate * seconds * receiving else { throw CommandFailure("The floor did not post everything.") }
        report("the floor: a backlog of \(backlog.count) events for one department")
        let posted = try await floor.run(
            .post(bytes: backlog.reduce(0) { $0 + $1.bytes } / max(1, backlog.count), port: field.receiver.port),
            cases: max(1, backlog.count), in: field.house
        ).perSecond

        var result = BenchFigures()
        result.add("receiving", receiving)
        result.add("hanging", hanging)
        result.add("casesPerSecond", rate)
        for (name, delays) in [("alone", alone.sorted()), ("beside", beside.sorted())] {
            result.add("\(name)Deliveries", delays.count)
            result.add("\(name)P50Ms", BenchFigures.share(0.5, of: delays))
            result.add("\(name)P99Ms", BenchFigures.share(0.99, of: delays))
        }
        result.add("ratioP50", BenchFigures.share(0.5, of: beside.sorted()) / max(0.001, BenchFigures.share(0.5, of: alone.sorted())))
        result.add("ratioP99", BenchFigures.share(0.99, of: beside.sorted()) / max(0.001, BenchFigures.share(0.99, of: alone.sorted())))
        result.add("missing", max(0, missing))
        result.add("burstDeliveries", backlog.count)
        let perSecond = took > .zero ? Double(backlog.count) / (took / .seconds(1)) : 0
        result.add("deliveriesPerSecond", perSecond)
        for (name, share) in [("P50", 0.5), ("P99", 0.99)] {
            let (floor, own) = (BenchFigures.share(share, of: least), BenchFigures.share(share, of: registered.sorted()))
            result.add("registered\(name)Ms", own)
            result.add("floor\(name)Ms", floor)
            result.add("floor\(name)Ratio", floor / max(0.001, own))
        }
        result.add("floorDeliveriesPerSecond", posted)
        result.add("floorRatio", perSecond / posted)
        return result
    }

    /// Registers `rate` cases in each of so many seconds, each at its time.
    private func steadily(_ rate: Int, for seconds: Int, _ mark: String, _ field: Field) async throws {
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<rate * seconds {
                try await Task.sleep(until: begin + Duration.seconds(1) * number / rate)
                group.addTask { try await field.register(mark, number) }
            }
            try await group.waitForAll()
        }
    }

    /// Registers so many cases as fast as intake takes them.
    private func hastily(_ count: Int, _ field: Field) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<32 {
                group.addTask { for number in stride(from: lane, to: count, by: 32) { try await field.register("b", number) } }
            }
            try await group.waitForAll()
        }
    }
}
