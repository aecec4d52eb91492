import Glibc
import PrivateServers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LaunchPlanTests {
    private func shell(_ script: String, _ change: (inout LaunchPlan) -> Void = { _ in }) -> LaunchPlan {
        var plan = LaunchPlan(executable: "/bin/sh", arguments: ["-c", script])
        change(&plan)
        return plan
    }

    private func output(of plan: LaunchPlan) async throws -> String {
        let directory = try TestDirectory()
        var plan = plan
        plan.logFile = "\(directory.path)/log"
        _ = try await plan.start().wait()
        return String(decoding: FileTree.read("\(directory.path)/log") ?? [], as: UTF8.self)
    }

    @Test("The exit code of a child is known to everyone who waits, early or late")
    func exitCode() async throws {
        let process = try shell("exit 7").start()

        async let first = process.wait()
        async let second = process.wait()

        #expect(try await [first, second] == [.exited(code: 7), .exited(code: 7)])
        #expect(try await process.wait() == .exited(code: 7))
        #expect(!process.isRunning)
    }

    @Test("A signal that ends a child is named")
    func signal() async throws {
        let process = try shell("exec sleep 600").start()

        process.signal(SIGUSR1)

        #expect(try await process.wait() == .killed(signal: SIGUSR1))
    }

    @Test("A child sees the environment of its plan and nothing of its parent's")
    func environment() async throws {
        setenv("HUIYIN_TEST_LEAK", "leaked", 1)
        let plan = LaunchPlan(executable: "/usr/bin/env", environment: ["GREETING": "你好", "PATH": "/bin"])

        let lines = try await output(of: plan).split(separator: "\n").sorted()

        #expect(lines == ["GREETING=你好", "PATH=/bin"])
    }

    @Test("A child starts in the directory of its plan")
    func directory() async throws {
        #expect(try await output(of: shell("pwd") { $0.directory = "/usr" }) == "/usr\n")
    }

    @Test("A child inherits no descriptor but the first three")
    func descriptors() async throws {
        // Without FD_CLOEXEC, as a careless library would open it.
        let leaky = open("/dev/null", O_RDONLY)
        defer { close(leaky) }

        let listing = try await output(of: LaunchPlan(executable: "/bin/ls", arguments: ["/proc/self/fd"]))

        // The fourth is the one with which ls reads the directory.
        #expect(listing == "0\n1\n2\n3\n")
    }

    @Test("A log file is appended to and readable by its owner only")
    func logFile() async throws {
        let directory = try TestDirectory()
        let plan = shell("echo out; echo err >&2") { $0.logFile = "\(directory.path)/log" }

        for _ in 1...2 { _ = try await plan.start().wait() }

        #expect(FileTree.read("\(directory.path)/log") == Array("out\nerr\nout\nerr\n".utf8))
        var status = stat()
        #expect(stat("\(directory.path)/log", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test("A child that leads a group takes what it started along, whichever way it ends")
    func group() async throws {
        let directory = try TestDirectory()
        let process = try shell("sleep 600 & echo $! >\(directory.path)/pid; exit 0").start()
        _ = try await process.wait()

        let orphan = pid_t(String(decoding: FileTree.read("\(directory.path)/pid") ?? [], as: UTF8.self).dropLast())

        let id = try #require(orphan)
        // A zombie that nobody has reaped yet has no command line any more.
        try await eventually { (FileTree.read("/proc/\(id)/cmdline") ?? []).isEmpty }
    }

    @Test("Stopping asks by the plan's signal first")
    func stop() async throws {
        let directory = try TestDirectory()
        let ready = "\(directory.path)/ready"
        let process = try shell("trap 'exit 3' INT; : >\(ready); while :; do sleep 0.01; done") { $0.stopSignal = SIGINT }.start()
        try await eventually { FileTree.read(ready) != nil }

        #expect(await process.stop(within: .seconds(30)) == .exited(code: 3))
    }

    @Test("Stopping kills a child that does not listen, also one that is frozen, also from a cancelled task")
    func stopStubborn() async throws {
        let directory = try TestDirectory()
        let ready = "\(directory.path)/ready"
        let process = try shell("trap '' TERM; : >\(ready); while :; do sleep 0.01; done").start()
        try await eventually { FileTree.read(ready) != nil }
        process.signal(SIGSTOP)

        let task = Task { await process.stop(within: .milliseconds(50)) }
        task.cancel()

        #expect(await task.value == .killed(signal: SIGKILL))
    }

    @Test("Who waits and is cancelled is let go while the child lives on")
    func cancelWait() async throws {
        let process = try shell("exec sleep 600").start()

        let task = Task { try await process.wait() }
        task.cancel()

        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(process.isRunning)
        #expect(await process.stop(within: .seconds(30)) == .killed(signal: SIGTERM))
    }

    @Test("A child can be made to die with its parent")
    func parentDeath() async throws {
        let plan = LaunchPlan(executable: "/usr/bin/setpriv", arguments: ["--dump"], parentDeathSignal: SIGINT)

        #expect(try await output(of: plan).contains("Parent death signal: INT"))
    }

    @Test("Root runs a child as another user, with the death signal still set", .enabled(if: geteuid() == 0))
    func runAs() async throws {
        let nobody = try #require(Account(named: "nobody"))
        let plan = LaunchPlan(executable: "/usr/bin/setpriv", arguments: ["--dump"], runAs: "nobody", parentDeathSignal: SIGKILL)

        let dump = try await output(of: plan)

        #expect(dump.contains("uid: \(nobody.id)\n") && dump.contains("gid: \(nobody.group)\n"))
        #expect(dump.contains("Parent death signal: KILL"))
    }

    @Test("A plan that cannot be carried out says what to do")
    func refusals() {
        #expect(throws: LaunchError("/no/such/program is missing or cannot be executed: install the package it belongs to")) {
            try LaunchPlan(executable: "/no/such/program").start()
        }
        #expect(throws: LaunchError("there is no user no-such-user on this machine to run /bin/true as: create it or name another")) {
            try LaunchPlan(executable: "/bin/true", runAs: "no-such-user").start()
        }
        #expect(throws: LaunchError("/bin/true cannot start in /no/such/place, which is missing or closed to this user: create it")) {
            try LaunchPlan(executable: "/bin/true", directory: "/no/such/place").start()
        }
    }

    @Test("Many children at once are each waited for")
    func many() async throws {
        try await withThrowingTaskGroup(of: (Int32, ProcessExit).self) { group in
            for code in Int32(0)..<50 {
                let process = try shell("exit \(code)").start()
                group.addTask { (code, try await process.wait()) }
            }
            for try await (code, exit) in group { #expect(exit == .exited(code: code)) }
        }
    }
}
