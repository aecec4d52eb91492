import Glibc
import PrivateServers
import Synchronization
import Testing

@testable import Operator

@Suite("Supervised processes")
struct SupervisorProcessTests {
    private func shell(_ script: String, log: String) -> LaunchPlan {
        LaunchPlan(executable: "/bin/sh", arguments: ["-c", script], parentDeathSignal: SIGKILL, logFile: log)
    }

    private func child(
        _ script: String, in folder: HouseFolder, readyLimit: Duration = .seconds(30),
        isReady: @escaping @Sendable () -> Bool = { true }, says: Lines = Lines()
    ) -> SupervisedChild {
        let name = "intake"
        let log = folder.logFile(name)
        let spec = ChildSpec(
            name: name, plan: { shell(script, log: log) }, address: { isReady() ? "here" : nil }, readyLimit: readyLimit,
            stopLimit: .milliseconds(300))
        return SupervisedChild(spec: spec, folder: folder, say: { says.add($0) }, changed: {})
    }

    @Test("A killed process comes back under another pid, and a line says so")
    func restartsKilled() async throws {
        try await withSupervisorFolder { folder in
            let says = Lines()
            let child = child("exec sleep 600", in: folder, says: says)
            #expect(try await child.start() == "here")
            let first = try #require(await child.row.pid)
            #expect(try PrivateFile.readJSON(ProcessIdentity.self, from: folder.pidFile("intake"))?.pid == first)

            kill(first, SIGKILL)

            #expect(await becomesTrue { isReady(await child.row, besides: first) })
            #expect(says.all == ["intake was ended by signal 9; starting it again in 0.2 s", "intake is ready again on here"])
            #expect(await child.row.restarts == 1)
            let second = try #require(await child.row.pid)
            await child.stop()
            #expect(ProcessIdentity(of: second) == nil)
            #expect(try PrivateFile.read(folder.pidFile("intake")) == nil)
        }
    }

    @Test("A process that cannot start is given up, with the end of its log as the reason")
    func givesUpWithLog() async throws {
        try await withSupervisorFolder { folder in
            let child = child("echo 'HUIYIN_X is not set: set it.'; exit 3", in: folder, isReady: { false })

            let failure = await #expect(throws: UpFailure.self) { try await child.start() }

            let sentence = try #require(failure?.sentence)
            #expect(sentence.hasPrefix("intake ended with exit code 3. Its log \(folder.logFile("intake")) ends:\n"))
            #expect(sentence.contains("HUIYIN_X is not set: set it."))
            #expect(await child.row.state == "failed")
        }
    }

    @Test("A process that never answers is stopped and given up")
    func givesUpSilent() async throws {
        try await withSupervisorFolder { folder in
            let child = child("exec sleep 600", in: folder, readyLimit: .milliseconds(50), isReady: { false })

            let failure = await #expect(throws: UpFailure.self) { try await child.start() }

            #expect(failure?.sentence.contains("did not become ready within") == true)
            #expect(await child.row.pid == nil)
        }
    }

    @Test("A process that ignores the stop signal is killed")
    func killsStubborn() async throws {
        try await withSupervisorFolder { folder in
            let marker = folder.home + "/trapped"
            let child = child(
                "trap '' TERM; : > \(marker); while :; do sleep 1; done", in: folder, isReady: { access(marker, F_OK) == 0 })
            _ = try await child.start()
            let pid = try #require(await child.row.pid)

            await child.stop()

            #expect(ProcessIdentity(of: pid) == nil)
            #expect(await child.row.state == "stopped")
        }
    }

    @Test("A stop during a pause ends without another launch")
    func stopsDuringPause() async throws {
        try await withSupervisorFolder { folder in
            let launches = Atomic(0)
            let spec = ChildSpec(
                name: "intake",
                plan: {
                    launches.add(1, ordering: .relaxed)
                    throw UpFailure("no")
                }, address: { nil }, attempts: 99)
            let child = SupervisedChild(spec: spec, folder: folder, say: { _ in }, changed: {})
            let start = Task { try await child.start() }
            #expect(await becomesTrue { await child.row.state == "restarting" })

            await child.stop()
            let after = launches.load(ordering: .relaxed)

            await #expect(throws: UpFailure.self) { try await start.value }
            #expect(await child.row.state == "stopped")
            #expect(launches.load(ordering: .relaxed) == after)
        }
    }

    @Test("A stop while a launch is being prepared ends without that launch")
    func stopsDuringPreparation() async throws {
        try await withSupervisorFolder { folder in
            let (gate, opening) = AsyncStream.makeStream(of: Void.self)
            let isAsked = Atomic(false)
            let marker = folder.home + "/launched"
            let log = folder.logFile("intake")
            let spec = ChildSpec(
                name: "intake",
                plan: {
                    isAsked.store(true, ordering: .relaxed)
                    for await _ in gate { break }
                    // Ends by itself, so that a launch against the rule is seen and not waited for.
                    return shell(": > \(marker)", log: log)
                }, address: { nil })
            let child = SupervisedChild(spec: spec, folder: folder, say: { _ in }, changed: {})
            let start = Task { try await child.start() }
            #expect(await becomesTrue { isAsked.load(ordering: .relaxed) })
            let stop = Task { await child.stop() }
            #expect(await becomesTrue { await child.row.state == "stopping" })

            opening.finish()
            await stop.value

            await #expect(throws: UpFailure.self) { try await start.value }
            #expect(await child.row.state == "stopped")
            #expect(access(marker, F_OK) != 0)
        }
    }

    @Test("What a dead supervisor left is found by pid file and by mark, ended, and strangers are not")
    func endsOrphans() async throws {
        try await withSupervisorFolder { folder in
            func start(_ mark: String) throws -> RunningProcess {
                try LaunchPlan(
                    executable: "/bin/sleep", arguments: ["600"], environment: [Orphans.variable: mark], parentDeathSignal: SIGKILL
                ).start()
            }
            let mark = SecretText.password()
            let recorded = try start("another house")
            let marked = try start(mark)
            let stranger = try start("another house")
            // Until exec(2) is done, /proc shows the environment of this process.
            #expect(await becomesTrue { [recorded, marked, stranger].allSatisfy { isSleep($0.id) } })
            try PrivateFile.writeJSON(try #require(ProcessIdentity(of: recorded.id)), to: folder.pidFile("routing"))

            let ended = try await Orphans(folder: folder, mark: mark).end()

            #expect(ended == ["routing", "process \(marked.id)"])
            #expect(stranger.isRunning)
            #expect(try PrivateFile.read(folder.pidFile("routing")) == nil)
            #expect(try await Orphans(folder: folder, mark: mark).end().isEmpty)
            await stranger.stop(within: .seconds(5))
        }
    }

    private func isReady(_ row: Board.Row, besides pid: Int32) -> Bool { row.state == "ready" && row.pid != pid }

    private func isSleep(_ pid: Int32) -> Bool {
        (try? PrivateFile.read("/proc/\(pid)/comm")).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } == "sleep\n"
    }
}

/// Collects lines from several tasks.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }
}
