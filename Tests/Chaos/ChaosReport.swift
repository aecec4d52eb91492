import Models

/// What a run has done and found.
public struct ChaosReport: Sendable {
    public var seed: UInt64
    /// How often each kind of fault was done.
    public var faults: [String: Int] = [:]
    /// What could not be done here, with the reason.
    public var skipped: [String] = []
    /// How long the house took to be back at its rate, by fault.
    public var recoveries: [(fault: String, seconds: Double)] = []
    /// How long everything that people had asked for took to be complete after that.
    public var rests: [Double] = []
    public var cases = 0
    public var events = 0
    /// How many requests were made again because there was no answer.
    public var repeated = 0
    /// How many events came to the department more than once.
    public var heardAgain = 0
    public var violations: [String] = []
    public var seconds = 0.0

    public init(seed: UInt64) { self.seed = seed }

    /// The value below which a share of some lies; 0 for none.
    static func share(_ share: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }

    private func figure(_ value: Double) -> JSONValue { .double((value * 1000).rounded() / 1000) }

    /// One line for programs.
    public var json: String {
        let times = recoveries.map(\.seconds)
        return JSONValue.object([
            "seed": .string("\(seed)"), "faults": .object(faults.mapValues { .integer(Int64($0)) }),
            "recoveryP50Seconds": figure(Self.share(0.5, of: times)), "recoveryP99Seconds": figure(Self.share(0.99, of: times)),
            "recoveryMaxSeconds": figure(times.max() ?? 0), "restP99Seconds": figure(Self.share(0.99, of: rests)),
            "cases": .integer(Int64(cases)), "events": .integer(Int64(events)), "repeatedRequests": .integer(Int64(repeated)),
            "repeatedDeliveries": .integer(Int64(heardAgain)), "violations": .integer(Int64(violations.count)),
            "findings": .array(violations.prefix(100).map { .string($0) }), "skipped": .array(skipped.map { .string($0) }),
            "seconds": figure(seconds),
        ]).text
    }

    /// Some lines for people.
    public var lines: [String] {
        func seconds(_ value: Double) -> String { "\((value * 10).rounded() / 10) s" }
        let width = (faults.keys.map(\.count).max() ?? 0) + 2
        var lines = ["", "fault" + String(repeating: " ", count: max(0, width - 5)) + "times  back at its rate after (middle, longest)"]
        for (fault, count) in faults.sorted(by: { $0.key < $1.key }) {
            let times = recoveries.filter { $0.fault == fault }.map(\.seconds)
            let name = fault + String(repeating: " ", count: width - fault.count)
            lines.append("\(name)\(count)      \(seconds(Self.share(0.5, of: times))), \(seconds(times.max() ?? 0))")
        }
        lines += skipped.map { "skipped: \($0)" }
        let times = recoveries.map(\.seconds)
        lines.append(
            "\(recoveries.count) faults: back after \(seconds(Self.share(0.5, of: times))), p99 \(seconds(Self.share(0.99, of: times)))"
                + "; at rest \(seconds(Self.share(0.5, of: rests))) later, p99 \(seconds(Self.share(0.99, of: rests)))")
        lines.append(
            "\(cases) cases, \(events) events, \(repeated) requests and \(heardAgain) deliveries were made again; seed \(seed)")
        lines += violations.map { "VIOLATION: \($0)" }
        lines.append(violations.isEmpty ? "The promise holds." : "\(violations.count) violations.")
        return lines
    }
}
