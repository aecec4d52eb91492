import FoundationEssentials
import Glibc
import Models
import NIOHTTP1

/// One run of an import: sends lines, many at a time, and repeats under the same key what got no answer.
struct ImportRun {
    let intake: IntakeClient
    let columns: ImportColumns
    let parallel: Int
    let meter: ProgressMeter
    /// Makes the idempotency keys of this run its own; a later run of the same file finds its cases as known.
    private let name = UInt64.random(in: 0...UInt64.max)
    /// How long the house may be away before the import gives up.
    private let patience = Duration.seconds(600)

    init(intake: IntakeClient, columns: ImportColumns, parallel: Int, meter: ProgressMeter) {
        self.intake = intake
        self.columns = columns
        self.parallel = parallel
        self.meter = meter
    }

    private enum Outcome: Sendable {
        case registered(CaseID)
        case known
        case rejected(line: Int, reason: String)
    }

    func run(_ reader: CSVReader, waits: Bool) async throws -> ImportTally {
        let start = ContinuousClock.now
        var (reader, tally, cases) = (reader, ImportTally(), [CaseID]())
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            var underWay = 0
            func settle() async throws {
                guard let outcome = try await group.next() else { return }
                underWay -= 1
                count(outcome, &tally, &cases)
            }
            while let item = reader.next() {
                tally.read += 1
                switch item {
                case .fault(let line, let reason): count(.rejected(line: line, reason: reason), &tally, &cases)
                case .record(let line, let fields):
                    if underWay >= parallel { try await settle() }
                    let body = columns.body(of: fields)
                    group.addTask { try await register(body, line) }
                    underWay += 1
                }
            }
            while underWay > 0 { try await settle() }
        }
        meter.end()
        if waits { tally.completed = try await wait(for: cases) } else { tally.completed = 0 }
        tally.seconds = Double((ContinuousClock.now - start).wholeMicroseconds) / 1_000_000
        return tally
    }

    private func count(_ outcome: Outcome, _ tally: inout ImportTally, _ cases: inout [CaseID]) {
        switch outcome {
        case .registered(let id):
            tally.registered += 1
            cases.append(id)
        case .known: tally.known += 1
        case .rejected(let line, let reason):
            tally.rejected += 1
            meter.say("line \(line): \(reason)")
        }
        meter.show("registering", tally.registered + tally.known + tally.rejected, of: nil)
    }

    private func register(_ body: [UInt8], _ line: Int) async throws -> Outcome {
        let key = "import-\(String(name, radix: 36))-\(line)"
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(100)
        while true {
            if let reply = try? await intake.ask(.POST, "/v1/cases", body: body, key: key) {
                switch reply.status {
                case 201:
                    if let id = reply.json?["id"].flatMap({ CaseID($0.plain) }) { return .registered(id) }
                case 200: return .known
                case 429, 500..<600: break
                default: return .rejected(line: line, reason: reply.problem)
                }
            }
            if ContinuousClock.now - start > patience {
                throw CommandFailure(
                    "Intake at \(intake.address) gave no answer for \(patience); what was registered is known at the next import.")
            }
            try await Task.sleep(for: pause * Double.random(in: 0.75...1.25))
            pause = min(pause * 2, .seconds(3))
        }
    }

    /// Asks until every case is complete; gives up when nothing moved for the whole patience.
    private func wait(for cases: [CaseID]) async throws -> Int {
        var (pending, moved) = (cases, ContinuousClock.now)
        while !pending.isEmpty, ContinuousClock.now - moved < patience {
            var left: [CaseID] = []
            var failed = false
            for start in stride(from: 0, to: pending.count, by: 5000) {
                let page = Array(pending[start..<min(start + 5000, pending.count)])
                let body = JSONValue.object(["cases": .array(page.map { .string($0.description) })]).canonical
                guard let reply = try? await intake.ask(.POST, "/v1/completions", body: body), reply.status == 200, let answer = reply.json
                else {
                    left += page
                    failed = true
                    continue
                }
                left += (answer["pending"]?.elements ?? []).compactMap { CaseID($0.plain) }
            }
            if left.count < pending.count { moved = .now }
            pending = left
            meter.show("complete", cases.count - pending.count, of: cases.count)
            if !pending.isEmpty { try await Task.sleep(for: .milliseconds(failed ? 500 : 100)) }
        }
        meter.end()
        return cases.count - pending.count
    }
}
