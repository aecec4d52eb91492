import FoundationEssentials
import Models
import NIOHTTP1
import Postgres
import PrivateServers

/// Holds the promise against everything once the house has come to rest: what people were told, what is on record, and what was delivered.
struct PromiseAudit: Sendable {
    let house: ChaosHouse
    let client: PostgresClient
    let load: Load
    let watch: RateWatch
    let ear: FeedEar
    /// The code of the department's subscription.
    static let subscription = "ear"

    /// How long what was asked may go without an answer, and what was acknowledged without its end.
    ///
    /// A courier that is killed leaves its notices to the others after up to seventy seconds.
    private static let patience = Duration.seconds(150)

    /// What was found.
    struct Findings: Sendable {
        var violations: [String] = []
        /// How long it took until everything was answered and complete.
        var rest: Duration = .zero
        var cases = 0
        var events = 0
    }

    /// Waits until everything is answered, complete and delivered, and says what is wrong then.
    ///
    /// - Parameter since: Looks at what is on record of cases registered from here on; nil for all.
    func findings(since: Instant?) async throws -> Findings {
        var findings = Findings()
        let begin = ContinuousClock.now
        try await wait("registrations or desk steps have no answer", &findings) { await load.tally.underWay }
        try await wait("acknowledged cases lack their unit, their clock or their receipt", &findings) { await pending() }
        try await wait("numbered events have not been sent to the department", &findings) { try await feed().behind }
        findings.rest = .now - begin
        findings.violations += await load.takeComplaints()
        let check = try await house.run(
            ["check", "--json", "--settle", "60"] + (since.map { ["--since", $0.description] } ?? []))
        findings.cases = check.json?["cases"]?.number ?? 0
        findings.events = check.json?["events"]?.number ?? 0
        findings.violations += (check.json?["violations"]?.elements ?? []).prefix(10).compactMap(\.string)
        if check.code != 0 {
            let rest = ["outbox", "held", "deadLetters"].map { "\($0) \(check.json?[$0]?.number ?? -1)" }.joined(separator: ", ")
            findings.violations.append("huiyin check ended with \(check.code): \(rest) \(check.err.suffix(300))")
        }
        findings.violations += try await counts()
        findings.violations += ear.complaints(expecting: try await feed().number)
        // Issues are told at any time, and what is heard is written down a moment later: no more than the feed has may have been heard.
        let latest = ear.latest
        try await wait("numbers were heard that the feed does not have", &findings) { max(0, latest - (try await feed().number)) }
        return findings
    }

    private func pending() async -> Int {
        // What was acknowledged a moment ago may not have come to the watch yet.
        let (fresh, known) = (await load.tally.acknowledged, await watch.known)
        return max(await watch.pending.count, fresh - known)
    }

    private func wait(_ what: String, _ findings: inout Findings, _ count: () async throws -> Int) async throws {
        let end = ContinuousClock.now + Self.patience
        var left = 1
        while true {
            if let now = try? await count() { left = now }
            if left == 0 { return }
            guard .now < end else { return findings.violations.append("\(left) \(what) after \(Self.patience)") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func feed() async throws -> (number: Int, behind: Int) {
        let reply = try await house.ask(.GET, "/v1/subscriptions/\(Self.subscription)", of: "notification")
        guard reply.status == 200, let number = reply.json?["number"]?.number, let behind = reply.json?["behind"]?.number else {
            throw LaunchError("notification answered \(reply.status) about its subscription")
        }
        return (number, behind + (reply.json?["parked"]?.number ?? 0))
    }

    /// Nothing more and nothing less than what people were told: a registration for each key, a receipt for each case, a step for each answer.
    private func counts() async throws -> [String] {
        let tally = await load.tally
        func count(_ statement: SQL) async throws -> Int { try await client.run(statement).first?.value(0) ?? 0 }
        let numbers = receiptFiles()
        let found = [
            ("registrations are stored", try await count("SELECT count(*) FROM intake.registrations"), tally.acknowledged),
            ("cases are assigned", try await count("SELECT count(*) FROM intake.ledger WHERE type = 'case.assigned'"), tally.acknowledged),
            (
                "cases have a clock",
                try await count("SELECT count(DISTINCT subject) FROM intake.ledger WHERE type = 'clock.started'"), tally.acknowledged
            ),
            ("cases were accepted", try await count("SELECT count(*) FROM intake.ledger WHERE type = 'case.accepted'"), tally.accepted),
            ("receipts lie in the folder of notices", numbers.count, tally.acknowledged),
            ("cases have a receipt in the folder of notices", Set(numbers).count, tally.acknowledged),
        ]
        return found.filter { $0.1 != $0.2 }.map { "\($0.1) \($0.0), and it should be \($0.2)" }
    }

    /// The numbers of the cases that receipts were written for, one for each file.
    private func receiptFiles() -> [String] {
        let folder = house.home + "/.huiyin/notices"
        return FileTree.names(in: folder).flatMap { day in
            FileTree.names(in: "\(folder)/\(day)").compactMap { name in
                guard name.hasSuffix(".json"), let mark = name.firstRange(of: "-receipt-") else { return nil }
                return String(name[..<mark.lowerBound])
            }
        }
    }
}
