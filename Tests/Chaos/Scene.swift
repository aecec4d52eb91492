import FoundationEssentials
import Models

/// A house at work, and what befalls it: one fault after another until the time is over.
struct Scene: Sendable {
    let load: Load
    let watch: RateWatch
    let ear: FeedEar
    let harm: Harm
    let audit: PromiseAudit

    /// How long the house is watched before each fault.
    private static let calm = Duration.seconds(3)
    /// How long it is waited for at most until the house is back.
    private static let patience = Duration.seconds(90)

    func play(
        _ faults: [Fault], until end: ContinuousClock.Instant, _ run: ChaosRun, _ dice: inout Dice, _ before: ChaosReport
    ) async throws -> ChaosReport {
        var result = before
        var left: [Fault] = []
        await load.flow(true)
        // The first requests make connections and caches.
        try await Task.sleep(for: .seconds(3))
        var since: Instant?
        repeat {
            if left.isEmpty {
                left = faults.shuffled(using: &dice)
                // What only this ground can suffer comes first.
                left.sort { ($0.ground == nil ? 1 : 0) < ($1.ground == nil ? 1 : 0) }
            }
            let fault = left.removeFirst()
            let next = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) - 1_000_000)
            try await befall(fault, run, &dice, since: since, &result)
            since = next
        } while ContinuousClock.now < end && !Task.isCancelled
        await load.flow(false)
        run.report("checking everything")
        let findings = try await audit.findings(since: nil)
        result.cases += findings.cases
        result.events += findings.events
        result.repeated += await load.tally.repeated
        result.heardAgain += ear.repeats
        note(findings.violations, "at the end", run, &result)
        return result
    }

    /// One fault, from a quiet house to a quiet house.
    private func befall(
        _ fault: Fault, _ run: ChaosRun, _ dice: inout Dice, since: Instant?, _ result: inout ChaosReport
    ) async throws {
        await load.flow(true)
        let begin = ContinuousClock.now
        try await Task.sleep(for: Self.calm)
        // The rate to come back to; what a busy machine does not even do in quiet times is not asked for.
        let baseline = await watch.rate(since: begin + .milliseconds(800))
        let struck = ContinuousClock.now
        let back: ContinuousClock.Instant
        do { back = try await harm.inflict(fault, &dice) } catch {
            await harm.undo()
            if error is CancellationError { throw error }
            note(["it could not be done or ended: \(error)"], fault.rawValue, run, &result)
            try await harm.database.start()
            try await harm.broker.start()
            return
        }
        result.faults[fault.rawValue, default: 0] += 1
        let end = ContinuousClock.now + Self.patience
        var recovery: Duration?
        while recovery == nil, .now < end {
            try await Task.sleep(for: .milliseconds(100))
            recovery = await watch.recovery(since: back, baseline: baseline)
        }
        await load.flow(false)
        if let recovery { result.recoveries.append((fault.rawValue, recovery / .seconds(1))) }
        if recovery ?? .seconds(3600) > run.recoveryLimit {
            let after = recovery.map { "only after \(Self.seconds($0))" } ?? "not within \(Self.seconds(Self.patience))"
            note(["the house was back at \(Int(baseline.rounded())) cases/s \(after)"], fault.rawValue, run, &result)
        }
        let findings = try await audit.findings(since: since)
        result.rests.append(findings.rest / .seconds(1))
        let tally = await load.tally
        run.report(
            Self.padded(fault.rawValue, 26) + "for \(Self.seconds(back - struck)), \(Int(baseline.rounded())) cases/s again after "
                + "\(recovery.map { Self.seconds($0) } ?? "never"), at rest in \(Self.seconds(findings.rest)); \(tally.acknowledged) cases")
        note(findings.violations, fault.rawValue, run, &result)
    }

    private func note(_ sentences: [String], _ when: String, _ run: ChaosRun, _ result: inout ChaosReport) {
        for sentence in sentences {
            result.violations.append("\(when): \(sentence)")
            run.report("VIOLATION after \(when): \(sentence)")
        }
    }

    private static func seconds(_ duration: Duration) -> String { "\((duration / .milliseconds(100)).rounded() / 10) s" }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
