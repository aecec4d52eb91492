import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import Operator

@Suite("A whole house under one supervisor")
struct SupervisorHouseTests {
    /// Runs a house whose four services are scripts and whose servers are somebody else's, until `body` returns.
    private func withHouse(
        services script: String = "echo 127.0.0.1:$ANSWER > $HUIYIN_READY_FILE; trap 'exit 0' TERM; while :; do sleep 0.05; done",
        replicas: Replicas = Replicas(), county: CountyDesk = CountyDesk(), migrate: @escaping @Sendable () async throws -> Void = {},
        _ body: (HouseFolder, Task<UpFailure?, Never>, @escaping @Sendable () -> Void) async throws -> Void
    ) async throws {
        let answer = try #require(SupervisorReadyAnswer())
        try await withSupervisorFolder { folder in
            async let served: Void = answer.serve()
            let programs = folder.home + "/bin"
            try FileManager.default.createDirectory(atPath: programs + "/../deploy/county", withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
            for service in HouseSettings.services {
                let program = "\(programs)/huiyin-\(service)"
                try PrivateFile.write(Array("#!/bin/sh\nANSWER=\(answer.port)\n\(script)\n".utf8), to: program)
                chmod(program, 0o700)
            }
            let (first, stop) = AsyncStream.makeStream(of: Int32.self)
            let (later, _) = AsyncStream.makeStream(of: Int32.self)
            let house = House(
                folder: folder,
                environment: [
                    "HUIYIN_BIN": programs, "HUIYIN_DATABASE_URL": "postgresql://admin:pw@192.0.2.1/huiyin",
                    "HUIYIN_BROKER_URL": "amqp://user:pw@192.0.2.1/house", "HUIYIN_LOG_LEVEL": "debug",
                    "HUIYIN_SERVICE_PASSWORD": "of all four",
                    "PATH": "/usr/bin:/bin",
                ], replicas: replicas,
                hooks: UpHooks(
                    migrate: { _, _, _ in try await migrate() }, countyInForce: { _ in county.version },
                    countyVersion: { _ in throw UpFailure("units.yaml:1: a mistake") }, applyCounty: { _, _ in county.apply("c-sample") },
                    statusRows: { _ in [:] }),
                console: Console(output: open("/dev/null", O_WRONLY | O_CLOEXEC)), signals: StopSignals(first: first, later: later))
            let run = Task { () -> UpFailure? in
                do throws(UpFailure) {
                    try await house.run()
                    return nil
                } catch {
                    return error
                }
            }
            do {
                try await body(folder, run) { stop.yield(SIGTERM) }
            } catch {
                stop.yield(SIGTERM)
                _ = await run.value
                answer.stop()
                throw error
            }
            stop.yield(SIGTERM)
            _ = await run.value
            answer.stop()
            await served
        }
    }

    /// The county in force, in place of the one that intake would keep.
    private final class CountyDesk: Sendable {
        private let inForce: Mutex<String?>

        init(_ version: String? = nil) { inForce = Mutex(version) }

        var version: String? { inForce.withLock { $0 } }

        func apply(_ version: String) -> String {
            inForce.withLock { $0 = version }
            return version
        }
    }

    private func rows(_ folder: HouseFolder) throws -> [Board.Row] { try Board.ofRunningHouse(in: folder)?.rows ?? [] }

    private func areLaunched(_ count: Int, _ folder: HouseFolder) throws -> Bool {
        try rows(folder).compactMap(\.pid).count == count
    }

    private func isReady(_ folder: HouseFolder) throws -> Bool { try Board.ofRunningHouse(in: folder)?.phase == .ready }

    @Test("It starts every service with its own role and no more secrets than it needs, and leaves nothing running")
    func startsAndStops() async throws {
        let script = "env > $HUIYIN_READY_FILE.env; echo 127.0.0.1:$ANSWER > $HUIYIN_READY_FILE; exec sleep 600"
        try await withHouse(services: script, replicas: Replicas(["routing": 2])) { folder, run, stop in
            #expect(try await becomesTrue { try isReady(folder) })
            let pids = try rows(folder).compactMap(\.pid)
            #expect(try rows(folder).map(\.name).sorted() == ["deadline", "intake", "notification", "routing", "routing-2"])
            let settings = try #require(try HouseSettings.load(from: folder))
            func environment(_ name: String) throws -> [Substring] {
                String(decoding: try #require(try PrivateFile.read(folder.readyFile(name) + ".env")), as: UTF8.self).split(separator: "\n")
            }
            let intake = try environment("intake")
            let routing = try environment("routing-2")
            #expect(intake.contains("HUIYIN_RECEIPT_KEY=\(settings.receiptKey)"))
            #expect(!routing.contains { $0.hasPrefix("HUIYIN_RECEIPT_KEY=") })
            #expect(intake.contains("HUIYIN_SEAL_KEY=\(settings.sealKey)"))
            #expect(try environment("notification").contains("HUIYIN_SEAL_KEY=\(settings.sealKey)"))
            #expect(!routing.contains { $0.hasPrefix("HUIYIN_SEAL_KEY=") })
            #expect(!intake.contains { $0.hasPrefix("HUIYIN_SERVICE_PASSWORD=") })
            let password = settings.rolePasswords["huiyin_routing"] ?? ""
            #expect(routing.contains("HUIYIN_DATABASE_URL=postgresql://huiyin_routing:\(password)@192.0.2.1/huiyin"))
            #expect(routing.contains("HUIYIN_LISTEN=127.0.0.1:0"))
            #expect(routing.contains("HUIYIN_LOG_LEVEL=debug"))
            #expect(!routing.contains { $0.contains(settings.databasePassword) })

            stop()

            #expect(await run.value == nil)
            #expect(pids.count == 5)
            for pid in pids { #expect(ProcessIdentity(of: pid) == nil) }
            #expect(try Board.ofRunningHouse(in: folder) == nil)
        }
    }

    @Test("A wish for more or fewer processes is fulfilled while it runs")
    func scales() async throws {
        try await withHouse { folder, _, _ in
            #expect(try await becomesTrue { try isReady(folder) })
            for count in [3, 1, 2] {
                try PrivateFile.writeJSON(Wish(replicas: ["deadline": count]), to: folder.wishFile)
                #expect(
                    try await becomesTrue {
                        guard let board = try Board.ofRunningHouse(in: folder) else { return false }
                        return ScaleCommand.isFulfilled(Replicas(["deadline": count]), by: board)
                    })
            }
            #expect(try rows(folder).count == 5)
        }
    }

    @Test("A service that cannot start stops the whole house again, and the reason is its own sentence")
    func failsWhole() async throws {
        let script = """
            case $0 in *routing) echo "HUIYIN_SEAL_KEY is not set: set it."; exit 78;; esac
            echo 127.0.0.1:$ANSWER > $HUIYIN_READY_FILE; exec sleep 600
            """
        try await withHouse(services: script) { folder, run, _ in
            let failure = await run.value

            #expect(failure?.sentence.contains("HUIYIN_SEAL_KEY is not set: set it.") == true)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.runFolder).filter { $0.hasSuffix(".pid") }
            #expect(left.isEmpty)
        }
    }

    @Test("A stop during the start breaks it off")
    func stopsWhileStarting() async throws {
        try await withHouse(services: "exec sleep 600") { folder, run, stop in
            let areAllLaunched = try await becomesTrue { try areLaunched(4, folder) }
            #expect(areAllLaunched)

            stop()

            #expect(await run.value == nil)
            #expect(try rows(folder).isEmpty)
        }
    }

    @Test("The first start puts deploy/county into force; where a county is in force it stays, whatever deploy/county holds")
    func keepsCounty() async throws {
        let (none, own) = (CountyDesk(), CountyDesk("c-own"))

        for county in [none, own] {
            try await withHouse(county: county) { folder, _, _ in
                let isUp = try await becomesTrue { try isReady(folder) }
                #expect(isUp)
            }
        }

        #expect(none.version == "c-sample")
        #expect(own.version == "c-own")
    }

    @Test("A migration that fails stops the start with its own sentence and no service is started")
    func failedMigration() async throws {
        try await withHouse(migrate: { throw UpFailure("table x is of tomorrow") }) { folder, run, _ in
            #expect(await run.value?.sentence == "table x is of tomorrow")
            #expect(!FileManager.default.fileExists(atPath: folder.logFile("intake")))
        }
    }

    @Test("A second `up` waits while the first starts, and fails when the house is about to end")
    func secondUpByPhase() async throws {
        try await withSupervisorFolder { folder in
            let identity = try #require(ProcessIdentity(of: getpid()))
            let second = RunningHouse(folder: folder, console: Console(output: open("/dev/null", O_WRONLY | O_CLOEXEC)))
            func post(_ phase: Board.Phase, _ state: String) throws {
                let row = Board.Row(name: "intake", state: state, pid: nil, address: nil, restarts: 0)
                try PrivateFile.writeJSON(
                    Board(supervisor: identity, phase: phase, reason: nil, replicas: [:], rows: [row]), to: folder.boardFile)
            }
            await #expect(throws: UpFailure.self) { try await second.describe() }
            try PrivateFile.writeJSON(identity, to: folder.supervisorFile)
            try post(.starting, "starting")
            async let described: Void = second.describe()

            try post(.ready, "ready")
            try await described

            for (phase, state) in [(Board.Phase.ready, "restarting"), (.stopping, "ready"), (.failed, "ready")] {
                try post(phase, state)
                await #expect(throws: UpFailure.self) { try await second.describe() }
            }
        }
    }

    @Test("A second `up` leaves the first alone")
    func secondUp() async throws {
        try await withHouse { folder, _, _ in
            #expect(try await becomesTrue { try isReady(folder) })
            let before = try rows(folder)

            let second = RunningHouse(folder: folder, console: Console(output: open("/dev/null", O_WRONLY | O_CLOEXEC)))
            try await second.describe()

            #expect(try HouseLock.take(folder) == nil)
            #expect(try rows(folder) == before)
        }
    }
}
