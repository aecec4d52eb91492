import Models
import NIOHTTP1

/// The people of a run: they register cases at their times whether or not the house keeps up, ask again under the same key until they
/// have their receipt, and officers accept some of the cases at their desks.
actor Load {
    /// What has come of it.
    struct Tally: Sendable {
        /// How many registrations were begun, each under a key of its own.
        var begun = 0
        var acknowledged = 0
        /// How many registrations and desk steps wait for an answer.
        var underWay = 0
        /// How many cases an officer was told to have accepted.
        var accepted = 0
        /// How many requests got no answer or were answered with 5xx, and were made again.
        var repeated = 0
    }

    private let house: ChaosHouse
    private let rate: Int
    private let mark: String
    private(set) var tally = Tally()
    /// What must never happen, as sentences.
    private(set) var complaints: [String] = []
    /// The identifiers of acknowledged cases that nobody has taken yet.
    private var fresh: [String] = []
    private var isFlowing = false
    private var tokens: [String: Task<String, any Error>] = [:]

    /// No more than this many wait for an answer at a time.
    private static let most = 400

    init(_ house: ChaosHouse, rate: Int, mark: String) {
        (self.house, self.rate, self.mark) = (house, rate, mark)
    }

    func flow(_ isFlowing: Bool) { self.isFlowing = isFlowing }

    /// The identifiers of the cases that were acknowledged since the last call.
    func takeFresh() -> [String] {
        defer { fresh = [] }
        return fresh
    }

    func takeComplaints() -> [String] {
        defer { complaints = [] }
        return complaints
    }

    /// Goes on until the task is cancelled.
    func run() async {
        let pause = Duration.seconds(1) / rate
        await withDiscardingTaskGroup { group in
            var next = ContinuousClock.now
            while !Task.isCancelled {
                // What a busy machine has missed for long is not made up for.
                next = max(next + pause, .now - .seconds(1))
                try? await Task.sleep(until: next)
                guard isFlowing, tally.underWay < Self.most, !Task.isCancelled else { continue }
                tally.begun += 1
                tally.underWay += 1
                let number = tally.begun
                group.addTask { await self.live(number) }
            }
        }
    }

    /// One case: registered, sometimes asked for again, sometimes accepted.
    private func live(_ number: Int) async {
        defer { tally.underWay -= 1 }
        let (key, body) = ("\(mark)-\(number)", self.body(number))
        guard let receipt = await insist({ try await $0.ask(.POST, "/v1/cases", body: body, key: key) }), !Task.isCancelled else { return }
        guard receipt.status == 201, let id = receipt.json?["id"]?.string else {
            return complain("registration \(number) was answered \(receipt.status): \(Self.text(receipt))")
        }
        tally.acknowledged += 1
        fresh.append(id)
        if number % 16 == 3 {
            guard let again = await insist({ try await $0.ask(.POST, "/v1/cases", body: body, key: key) }) else { return }
            if again.status != 201 || again.body != receipt.body {
                complain("registration \(number) under the same key was answered \(again.status) and otherwise than before")
            }
        }
        // Of the schools and of the hospitals, for which a rule has a unit.
        if number % 8 == 4 || number % 8 == 7 { await accept(id) }
    }

    /// Waits until routing has found the responsible unit, whose officer then accepts the case.
    private func accept(_ id: String) async {
        guard let dispatcher = await token("dispatcher", "dispatch-desk") else { return }
        while !Task.isCancelled {
            guard let known = await insist({ try await $0.ask(.GET, "/v1/cases/\(id)", of: "routing", token: dispatcher) }) else { return }
            if known.status == 200, known.json?["stage"]?.string == "assigned", let unit = known.json?["unit"]?.string {
                guard let officer = await token("officer", unit) else { return }
                let reply = await insist {
                    try await $0.ask(
                        .POST, "/v1/cases/\(id)/accept", of: "routing", body: .object([:]), key: "accept-\(id)", token: officer)
                }
                guard let reply else { return }
                if reply.status == 200 {
                    tally.accepted += 1
                } else {
                    complain("accepting \(id) was answered \(reply.status): \(Self.text(reply))")
                }
                return
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Asks until there is an answer that says more than that the house is away; nil when the run ends before.
    private func insist(_ question: @Sendable (ChaosHouse) async throws -> ChaosHouse.Reply) async -> ChaosHouse.Reply? {
        while !Task.isCancelled {
            if let reply = try? await question(house), reply.status < 500, ![408, 425, 429].contains(reply.status) { return reply }
            tally.repeated += 1
            try? await Task.sleep(for: .milliseconds(Int.random(in: 100...400)))
        }
        return nil
    }

    private func token(_ role: String, _ unit: String) async -> String? {
        let house = house
        let name = "\(role) \(unit)"
        let issue = tokens[name] ?? Task { try await house.token(person: "\(unit)-1", role: role, unit: unit) }
        tokens[name] = issue
        do { return try await issue.value } catch {
            tokens[name] = nil
            complain("\(error)")
            return nil
        }
    }

    private func body(_ number: Int) -> JSONValue {
        let matters = [
            ("学校食堂的饭菜凉了", "孩子在学校吃不上热饭，请教育局看看。", "help"), ("The road by the mill has holes", "Two bicycles fell there.", "claim"),
            ("路灯不亮", "桥头的路灯，坏了三天𠮷😀", "help"), ("医院排队太久", "排了五个小时的队\n还是没有看上病。", "claim"),
        ]
        let (title, narrative, kind) = matters[number % matters.count]
        return .object([
            "kind": .string(kind), "title": .string("\(title) \(mark) \(number)"), "narrative": .string(narrative),
            "petitioners": .array([.object(["name": .string("甲\(number)"), "phone": .string("138\(number)")])]),
        ])
    }

    private func complain(_ sentence: String) { if complaints.count < 20 { complaints.append(sentence) } }

    private static func text(_ reply: ChaosHouse.Reply) -> String { String(decoding: reply.body.prefix(200), as: UTF8.self) }
}
