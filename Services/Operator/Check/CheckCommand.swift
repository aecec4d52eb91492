import ArgumentParser
import CaseFlow
import Intake
import Models

/// Checks the promise against everything that is on record.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the promise against the four schemas; the exit status is 0 only when it holds.",
        discussion: """
            Reads every case as of one moment. What looks broken is looked at again for a while, since a case that is being \
            worked on is not at rest. Needs HUIYIN_DATABASE_URL as administrator, else what `up` wrote.
            """)

    @Flag(help: "Print one line of JSON.") var json = false
    @Option(help: "How many seconds to wait for the house to come to rest.") var settle = 30
    @Option(help: "Only cases registered from this instant on, as in 2026-11-24T08:00:00Z.") var since: String?

    func run() async throws {
        let instant = try since.map { text in
            guard let instant = Instant(text) else {
                throw CommandFailure("--since \(text.shown) is no time in RFC 3339, such as 2026-11-24T08:00:00Z.")
            }
            return instant
        }
        let result = try await DeadCommand.withDatabase { client in
            try await PromiseReport.make(
                RecordReader(client: client), since: instant, settle: .seconds(settle), meter: ProgressMeter(quiet: json))
        }
        if json {
            print(result.json.text)
        } else {
            for violation in result.violations.prefix(50) { print(violation.description.shown) }
            print(result.sentence)
        }
        if !result.ok { throw ExitCode(1) }
    }
}

/// What a check found.
struct PromiseReport: Sendable {
    var cases = 0
    var events = 0
    var violations: [Violation] = []
    var outbox = 0
    var held = 0
    var deadLetters = 0

    var ok: Bool { violations.isEmpty && outbox == 0 && held == 0 && deadLetters == 0 }

    var json: JSONValue {
        .object([
            "cases": .integer(Int64(cases)), "events": .integer(Int64(events)),
            "violations": .array(violations.prefix(100).map { .string($0.description) }), "outbox": .integer(Int64(outbox)),
            "held": .integer(Int64(held)), "deadLetters": .integer(Int64(deadLetters)), "ok": .bool(ok),
        ])
    }

    var sentence: String {
        "\(cases) cases, \(events) events: \(violations.isEmpty ? "the promise holds" : "\(violations.count) violations"); "
            + "outbox \(outbox), held \(held), dead letters \(deadLetters)"
    }

    /// Reads everything; what is not at rest is read again until it is or the time is over.
    ///
    /// - Parameter since: Leaves out the cases that were registered before; nil leaves out none.
    static func make(_ reader: RecordReader, since: Instant? = nil, settle: Duration, meter: ProgressMeter) async throws -> PromiseReport {
        let deadline = ContinuousClock.now + settle
        var report = PromiseReport()
        // Replaying needs no signing: the key only completes the process.
        guard let signer = ReceiptSigner(seed: [UInt8](repeating: 0, count: 32)) else {
            throw CommandFailure("No Ed25519 key can be made here.")
        }
        let intake = IntakeProcess(signer: signer)
        var doubtful: [Subject] = []
        // Identifiers of cases begin with the time at which they were made.
        let first = since.map { UniqueID.version7(at: $0, random: (0, 0)).high & ~0xFFFF } ?? 0
        var last = Subject(UniqueID(high: first, low: 0))
        var check = PromiseCheck(counties: try await reader.counties(), now: try await reader.now() - .seconds(15), intake: intake)
        while true {
            let page = try await reader.subjects(after: last, limit: 500)
            guard let end = page.last else { break }
            for record in try await reader.records(of: page) {
                if record.intake?.file != nil { report.cases += 1 }
                report.events += record.lines.count
                if !check.violations(in: record).isEmpty { doubtful.append(record.subject) }
            }
            meter.show("checking", report.cases, of: nil)
            last = end
        }
        meter.end()
        while true {
            check = PromiseCheck(counties: try await reader.counties(), now: try await reader.now() - .seconds(15), intake: intake)
            report.violations = []
            var still: [Subject] = []
            for start in stride(from: 0, to: doubtful.count, by: 500) {
                for record in try await reader.records(of: Array(doubtful[start..<min(start + 500, doubtful.count)])) {
                    let found = check.violations(in: record)
                    report.violations += found
                    if !found.isEmpty { still.append(record.subject) }
                }
            }
            doubtful = still
            (report.outbox, report.held, report.deadLetters) = try await reader.waiting()
            if report.ok || ContinuousClock.now >= deadline { return report }
            try await Task.sleep(for: .milliseconds(300))
        }
    }
}
