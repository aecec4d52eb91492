import FoundationEssentials
import Glibc
import Models
import Postgres
import PrivateServers
import ServiceKit
import TestSupport
import Testing

@testable import Operator

/// Clocks that fire, by real processes of deadline on a real broker and a real database.
@Suite("Clocks as they fire", .serialized, .timeLimit(.minutes(15)))
struct ClockTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private func clocks() throws -> PendingClocks {
        try PendingClocks(in: try CountyCommand.compile(Self.root + "/deploy/county"))
    }

    private func programs() throws -> String {
        try #require(ProcessInfo.processInfo.environment["HUIYIN_BIN"], "HUIYIN_BIN names the folder of the programs")
    }

    @Test("What passed over a weekend fires once and in its order, with four processes of which two are killed")
    func backlog() async throws {
        let bench = DeadlineBench(clocks: try clocks(), programs: try programs()) { print($0) }
        let result = try await bench.backlog(of: 20_000, pending: 1000, replicas: 4, killing: 2)

        #expect(result["missing"] == 0 && result["doubled"] == 0, "\(result.text)")
        // Four processes with 256 cases each in hand; what a killed one had is taken up at once by the others.
        guard case .integer(let places)? = result["outOfTurn"] else { throw RunningHouse.Trouble.notStarted(result.text) }
        #expect(places <= 4096, "\(result.text)")
    }

    @Test("A machine whose time jumps forward a day and back fires nothing early and nothing twice")
    func jump() async throws {
        let folder = try TestDirectory("huiyin-jump")
        let time = folder.path + "/time"
        @Sendable func set(_ offset: String) throws { try FileTree.write(Array(offset.utf8), to: time, mode: 0o644) }
        try set("+0")
        let bench = DeadlineBench(clocks: try clocks(), programs: try fakedPrograms(in: folder, time: time)) { print($0) }
        try await BenchHouse.with(programs: bench.programs, report: bench.report) { house in
            try await bench.clocks.publish(to: house.client)
            try await DeadlineBench.watching(house) { watch in
                var put = 0
                /// Puts down cases that come due in a moment, and as many that come due within a day.
                func comesDue() async throws -> Int {
                    let now = SystemTime.now
                    try await bench.clocks.insert((0..<40).map { now + .milliseconds(500 + 50 * $0) }, from: put, to: house.client)
                    try await bench.clocks.insert((0..<40).map { now + .seconds(3600 + 1800 * $0) }, from: put + 40, to: house.client)
                    put += 80
                    return put / 2
                }
                // The oldest of all cannot be read: it stays behind alone.
                let broken = PendingClocks.subject(1_000_000)
                try await house.client.run("INSERT INTO deadline.case_clock (subject) VALUES (\(broken))")
                try await house.client.run(
                    "INSERT INTO deadline.cases (subject, next_at, state) VALUES (\(broken), now() - interval '3 days', 'rubbish')")
                try await house.start("deadline", number: 1)
                #expect(try await watch.hears(try await comesDue(), within: .seconds(60)))
                try set("+1d")
                // One that was started before, and one that never knew another time.
                try await house.start("deadline", number: 2)
                #expect(try await watch.hears(try await comesDue(), within: .seconds(60)))
                try set("+0")
                #expect(try await watch.hears(try await comesDue(), within: .seconds(60)))

                let tomorrow = (SystemTime.now + .seconds(86_400)).description.prefix(10)
                let log = FileTree.read(house.log("deadline", number: 2)).map { String(decoding: $0, as: UTF8.self) } ?? ""
                #expect(log.contains(tomorrow), "the time of the machine was another for it")
                let heard = await watch.heard
                #expect(heard.count == put / 2, "nothing has fired that comes due later")
                #expect(heard.allSatisfy { $0.at <= $0.stated })
                #expect(await watch.doubled == 0)
            }
        }
    }

    /// The programs of the house, deadline's under a time that the file `time` moves.
    private func fakedPrograms(in folder: TestDirectory, time: String) throws -> String {
        let library = try #require(
            ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].map { $0 + "/faketime/libfaketimeMT.so.1" }
                .first { access($0, R_OK) == 0 }, "the package faketime is missing: apt-get install faketime")
        let (programs, bin) = (try programs(), folder.path + "/bin")
        mkdir(bin, 0o755)
        for service in ["intake", "routing", "notification"] { symlink("\(programs)/huiyin-\(service)", "\(bin)/huiyin-\(service)") }
        // What runs on is told by the steady clock, which stays as it is.
        let script = """
            #!/bin/sh
            export LD_PRELOAD='\(library)' FAKETIME_TIMESTAMP_FILE='\(time)' FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
            exec '\(programs)/huiyin-deadline' "$@"
            """
        try FileTree.write(Array(script.utf8), to: bin + "/huiyin-deadline", mode: 0o755)
        return bin
    }
}
