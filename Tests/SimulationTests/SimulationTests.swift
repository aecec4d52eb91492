import Testing

@Suite("The house under faults")
struct SimulationTests {
    /// How many seeds each run of the tests plays.
    static let seeds = 500

    @Test("keeps its promise for every seed", .timeLimit(.minutes(10)))
    func promise() async throws {
        let broken = try await withThrowingTaskGroup(of: [Simulation.Report].self) { group in
            for lane in 0..<2 {
                group.addTask {
                    var broken: [Simulation.Report] = []
                    for seed in stride(from: lane, to: Self.seeds, by: 2) {
                        let report = await (try Simulation(seed: UInt64(seed))).run(cases: 4, steps: 90)
                        if !report.violations.isEmpty { broken.append(report) }
                    }
                    return broken
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }

        for report in broken.prefix(3) {
            Issue.record("seed \(report.seed): \(report.violations.prefix(5).joined(separator: "\n"))")
        }
        let seeds = broken.map(\.seed)
        #expect(seeds.isEmpty, "\(broken.count) of \(Self.seeds) seeds broke the promise: see above")
    }

    @Test("plays a seed again exactly", arguments: [3, 78, 501] as [UInt64])
    func replay(seed: UInt64) async throws {
        let first = await (try Simulation(seed: seed)).run()

        let second = await (try Simulation(seed: seed)).run()

        #expect(first.trace == second.trace)
        #expect(first.events == second.events)
        #expect(first.events > 30)
    }
}
