import Chaos
import Foundation
import Testing

/// A short run of what `./huiyin chaos` does for long: two faults, one of a service and one of the ways to a server.
@Suite("A house under faults", .serialized, .timeLimit(.minutes(10)))
struct ChaosTests {
    @Test("comes back and has kept its promise, and nothing is left of it")
    func fewFaults() async throws {
        let programs = try #require(ProcessInfo.processInfo.environment["HUIYIN_BIN"], "start the tests with ./huiyin test")
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folders = Self.folders()
        var run = ChaosRun(seed: 7, limit: .seconds(20), programs: programs, county: root.path + "/deploy/county") { print($0) }
        run.only = [.killRouting, .cutBroker]
        // How fast it comes back is for a machine that does nothing else.
        run.recoveryLimit = .seconds(600)

        let report = try await run.run()

        #expect(report.violations == [], "\(report.violations.joined(separator: "\n"))")
        #expect(report.faults.values.reduce(0, +) > 0)
        #expect(report.cases > 100 && report.events > 3 * report.cases, "\(report.cases) cases, \(report.events) events")
        #expect(Self.folders().isSubset(of: folders))
    }

    private static func folders() -> Set<String> {
        Set(((try? FileManager.default.contentsOfDirectory(atPath: "/var/tmp")) ?? []).filter { $0.hasPrefix("huiyin-chaos-") })
    }
}
