import FoundationEssentials
import Postgres

/// Watches how many cases are acknowledged and how many come to have their unit, their clock and their receipt, moment by moment.
actor RateWatch {
    private struct Sample {
        var at: ContinuousClock.Instant
        var acknowledged: Int
        var completed: Int
    }

    private let load: Load
    private let client: PostgresClient
    private var samples: [Sample] = []
    private var completed = 0
    /// Acknowledged cases that are not complete yet.
    private(set) var pending: Set<String> = []
    /// How many acknowledged cases it has come to know.
    private(set) var known = 0

    /// How long the house must keep its rate to be back at it.
    private static let window = Duration.seconds(2)

    init(_ load: Load, _ client: PostgresClient) { (self.load, self.client) = (load, client) }

    /// Goes on until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let fresh = await load.takeFresh()
            pending.formUnion(fresh)
            known += fresh.count
            // While the database is away there is nothing to be seen.
            if let done = try? await complete() {
                completed += done.count
                pending.subtract(done)
                samples.append(Sample(at: .now, acknowledged: await load.tally.acknowledged, completed: completed))
                if samples.count > 4000 { samples.removeFirst(2000) }
            }
            try? await Task.sleep(for: .milliseconds(150))
        }
    }

    private func complete() async throws -> [String] {
        // The oldest of a large backlog may be among the others: all are asked for, in turns of a size.
        let asked = Array(pending.prefix(5000))
        if asked.isEmpty {
            try await client.run("SELECT 1")
            return []
        }
        return try await client.run(
            "SELECT subject::text FROM intake.cases WHERE subject = ANY(\(asked)::text[]::uuid[]) AND completed_at IS NOT NULL"
        ).map { try $0.value(0) }
    }

    /// What was acknowledged and completed in a second, from `begin` up to now; the lesser of both.
    func rate(since begin: ContinuousClock.Instant) -> Double {
        guard let first = samples.last(where: { $0.at <= begin }) ?? samples.first, let last = samples.last, last.at > first.at else {
            return 0
        }
        let gained = min(last.acknowledged - first.acknowledged, last.completed - first.completed)
        return Double(gained) / ((last.at - first.at) / .seconds(1))
    }

    /// How long after `begin` the first two seconds began in which the house did nine tenths of `baseline`; nil while it has not.
    func recovery(since begin: ContinuousClock.Instant, baseline: Double) -> Duration? {
        for (index, first) in samples.enumerated() where first.at >= begin - .milliseconds(200) {
            guard let last = samples[index...].first(where: { $0.at >= first.at + Self.window }) else { return nil }
            let wanted = 0.9 * baseline * ((last.at - first.at) / .seconds(1))
            if Double(last.acknowledged - first.acknowledged) >= wanted, Double(last.completed - first.completed) >= wanted {
                return max(.zero, first.at - begin)
            }
        }
        return nil
    }
}
