import FoundationEssentials
import Glibc
import Models
import NIOHTTP1
import Synchronization

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
    private let delay = Delay()

    /// Says once in a run why it waits: what intake lacks may be for its reader to give.
    private final class Delay: Sendable {
        private let isTold = Atomic<Bool>(false)

        func tell(_ reason: String, _ say: (String) -> Void) {
            if isTold.exchange(true, ordering: .relaxed) { return }
            say("no line is registered now, for \(reason); it is asked again")
        }
    }

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

    /// Lines that are registered with one request.
    private struct Lot: Sendable {
        var lines: [(line: Int, body: [UInt8])] = []
        var size = 0

        static let largestCount = 50
        static let largestSize = 1 << 20
        /// Intake takes no larger case.
        static let largestLine = 1 << 20

        func hasRoom(for body: [UInt8]) -> Bool {
            lines.isEmpty || lines.count < Self.largestCount && size + body.count < Self.largestSize
        }

        mutating func add(_ line: Int, _ body: [UInt8]) {
            lines.append((line, body))
            size += body.count
        }
    }

    func run(_ reader: CSVReader, waits: Bool) async throws -> ImportTally {
        let start = ContinuousClock.now
        // A bar has to know the whole; reading twice costs less than its first request.
        let all = meter.isTerminal ? reader.remaining : nil
        var (reader, tally, cases) = (reader, ImportTally(), [CaseID]())
        try await withThrowingTaskGroup(of: [Outcome].self) { group in
            var (lot, underWay) = (Lot(), 0)
            func settle() async throws {
                guard let outcomes = try await group.next() else { return }
                underWay -= outcomes.count
                for outcome in outcomes { count(outcome, of: all, &tally, &cases) }
            }
            func send() async throws {
                if lot.lines.isEmpty { return }
                while underWay > 0, underWay + lot.lines.count > parallel { try await settle() }
                let ready = lot
                lot = Lot()
                underWay += ready.lines.count
                group.addTask { try await register(ready.lines) }
            }
            while let item = reader.next() {
                tally.read += 1
                switch item {
                case .fault(let line, let reason): count(.rejected(line: line, reason: reason), of: all, &tally, &cases)
                case .record(let line, let fields):
                    let body = columns.body(of: fields)
                    if body.count > Lot.largestLine {
                        count(.rejected(line: line, reason: "the record has more than 1 MiB; shorten it"), of: all, &tally, &cases)
                        continue
                    }
                    if !lot.hasRoom(for: body) || lot.lines.count >= parallel { try await send() }
                    lot.add(line, body)
                }
            }
            try await send()
            while underWay > 0 { try await settle() }
        }
        meter.end()
        if waits { tally.completed = try await wait(for: cases) }
        tally.seconds = Double((ContinuousClock.now - start).wholeMicroseconds) / 1_000_000
        return tally
    }

    private func count(_ outcome: Outcome, of all: Int?, _ tally: inout ImportTally, _ cases: inout [CaseID]) {
        switch outcome {
        case .registered(let id):
            tally.registered += 1
            cases.append(id)
        case .known: tally.known += 1
        case .rejected(let line, let reason):
            tally.rejected += 1
            meter.say("line \(line): \(reason)")
        }
        meter.show("registering", tally.registered + tally.known + tally.rejected, of: all)
    }

    /// Registers lines with one request, and asks again for those that got no answer.
    private func register(_ lines: [(line: Int, body: [UInt8])]) async throws -> [Outcome] {
        var (waiting, outcomes) = (lines, [Outcome]())
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(100)
        var reason = ""
        while !waiting.isEmpty {
            reason = "intake gives no answer"
            if let reply = try? await intake.ask(.POST, "/v1/cases/batch", body: request(waiting)) {
                reason = reply.problem
                switch reply.status {
                case 200:
                    let results = reply.json?["results"]?.elements ?? []
                    guard results.count == waiting.count else { break }
                    var again: [(line: Int, body: [UInt8])] = []
                    for (entry, result) in zip(waiting, results) {
                        if let outcome = Self.outcome(result, of: entry.line) {
                            outcomes.append(outcome)
                        } else {
                            again.append(entry)
                            reason = IntakeClient.sentence(of: result["problem"] ?? .null) ?? reason
                        }
                    }
                    waiting = again
                case 400, 413, 422:
                    // Something in it spoils the whole request: each half for itself, down to the line that does.
                    if waiting.count == 1 { return outcomes + [.rejected(line: waiting[0].line, reason: Self.ownPlaces(reply.problem))] }
                    let middle = waiting.count / 2
                    return try await outcomes + register(Array(waiting[..<middle])) + register(Array(waiting[middle...]))
                case 429, 500..<600: break
                default: throw CommandFailure("Intake at \(intake.address) refuses the import: \(reply.problem)")
                }
            }
            if waiting.isEmpty { break }
            if ContinuousClock.now - start > patience {
                throw CommandFailure(
                    "Intake at \(intake.address) registered nothing for \(patience), for \(reason). What was registered is known at the next import."
                )
            }
            if ContinuousClock.now - start > .seconds(5) { delay.tell(Self.ownPlaces(reason)) { meter.say($0) } }
            try await Task.sleep(for: pause * Double.random(in: 0.75...1.25))
            pause = min(pause * 2, .seconds(3))
        }
        return outcomes
    }

    private func request(_ lines: [(line: Int, body: [UInt8])]) -> [UInt8] {
        var bytes = Array("{\"cases\":[".utf8)
        for (index, entry) in lines.enumerated() {
            bytes.append(contentsOf: "\(index > 0 ? "," : "")".utf8)
            bytes.append(contentsOf: "{\"key\":\"import-\(String(name, radix: 36))-\(entry.line)\",\"case\":".utf8)
            bytes.append(contentsOf: entry.body)
            bytes.append(UInt8(ascii: "}"))
        }
        return bytes + Array("]}".utf8)
    }

    /// What became of one line; nil when it should be asked for again.
    private static func outcome(_ result: JSONValue, of line: Int) -> Outcome? {
        guard case .integer(let status)? = result["status"] else { return nil }
        switch status {
        case 201: return result["receipt"]?["id"].flatMap { CaseID($0.plain) }.map { .registered($0) }
        case 200: return .known
        case 429, 500..<600: return nil
        default:
            let sentence = IntakeClient.sentence(of: result["problem"] ?? .null) ?? "intake answered \(status)"
            return .rejected(line: line, reason: ownPlaces(sentence))
        }
    }

    /// A reason with the places of the case itself, not of the request that it was sent in.
    private static func ownPlaces(_ reason: String) -> String { reason.replacing(#/\/cases\/\d+(\/case)?/#, with: "") }

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
