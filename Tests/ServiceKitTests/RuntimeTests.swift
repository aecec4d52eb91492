import Glibc
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import Testing

@testable import ServiceKit

@Suite struct RuntimeTests {
    /// Notes when it starts and when it ends.
    private struct Recorder: Service {
        let name: String
        let notes: NIOLockedValueBox<[String]>

        func run() async throws {
            notes.withLockedValue { $0.append("+\(name)") }
            try await gracefulShutdown()
            notes.withLockedValue { $0.append("-\(name)") }
        }
    }

    private struct Failing: Service {
        let error: (any Error)?

        func run() async throws {
            if let error { throw error }
        }
    }

    private func group(_ parts: [Part], log: CapturedLog = CapturedLog(), readyFile: ReadyFile? = nil) -> ServiceGroup {
        let inner = PartGroup(parts: parts, logger: log.logger(level: .info), readyFile: readyFile)
        return ServiceGroup(
            configuration: .init(
                services: [.init(service: Wrapped(group: inner), successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: log.logger(level: .critical)))
    }

    /// Lets a test stop a part group as a signal would.
    private struct Wrapped: Service {
        let group: PartGroup

        func run() async throws { try await group.run() }
    }

    @Test("a part starts when the one before it is ready, and stops after the one behind it has ended")
    func order() async throws {
        let notes = NIOLockedValueBox<[String]>([])
        let log = CapturedLog()
        let firstReady = Latch<Void>()
        let parts = [
            Part("database", Recorder(name: "database", notes: notes), ready: { try await firstReady.value() }),
            Part("relay", Recorder(name: "relay", notes: notes)),
            Part("http", Recorder(name: "http", notes: notes)),
        ]
        let group = group(parts, log: log)
        let running = Task { try await group.run() }

        await eventually("the first part did not start") { notes.withLockedValue { $0 } == ["+database"] }
        #expect(log.lines.isEmpty)
        firstReady.open(())
        await eventually("the service did not get ready") {
            log.lines.contains("info service ready version=0.1.0") && notes.withLockedValue { $0.count } == 3
        }
        await group.triggerGracefulShutdown()
        try await running.value

        // The relay is ready at once, so it and what is behind it may start in either order.
        let (starts, stops) = notes.withLockedValue { ($0.prefix(3), $0.dropFirst(3)) }
        #expect(starts.first == "+database" && Set(starts) == ["+database", "+relay", "+http"])
        #expect(stops == ["-http", "-relay", "-database"])
        #expect(log.lines == ["info service ready version=0.1.0", "info service stopping"])
    }

    @Test("a stop before the service is ready stops what has started and starts nothing more")
    func earlyStop() async throws {
        let notes = NIOLockedValueBox<[String]>([])
        let never = Latch<Void>()
        let group = group([
            Part("database", Recorder(name: "database", notes: notes), ready: { try await never.value() }),
            Part("relay", Recorder(name: "relay", notes: notes)),
        ])
        let running = Task { try await group.run() }
        await eventually("the first part did not start") { notes.withLockedValue { $0 } == ["+database"] }

        await group.triggerGracefulShutdown()
        try await running.value

        #expect(notes.withLockedValue { $0 } == ["+database", "-database"])
    }

    private func failure(_ parts: [Part]) async -> String {
        do {
            try await PartGroup(parts: parts, logger: CapturedLog().logger(level: .critical)).run()
            return "no failure"
        } catch {
            return Runtime.sentence(for: error)
        }
    }

    @Test("a part that cannot start is named with its reason")
    func startFailures() async {
        let notes = NIOLockedValueBox<[String]>([])
        let recorder = Recorder(name: "x", notes: notes)

        let thrown = await failure([Part("database", Failing(error: ReadinessFailure("no route to host")))])
        let own = await failure([Part("database", Failing(error: StartupFailure("Run `huiyin migrate` first.")))])
        let ready = await failure([Part("database", recorder, ready: { throw ReadinessFailure("the schema is older than this program") })])
        let late = await failure([Part("database", recorder, startLimit: .milliseconds(20), ready: { try await Latch<Void>().value() })])
        let secret = await failure([Part("database", Failing(error: TestFailure("password=hunter2")))])

        #expect(thrown == "the part database could not start: no route to host")
        #expect(own == "Run `huiyin migrate` first.")
        #expect(ready == "the part database could not start: the schema is older than this program")
        #expect(late == "the part database could not start: it was not ready within 0.02 seconds")
        #expect(secret == "the part database could not start: ServiceKitTests.TestFailure")
    }

    @Test("a part that ends by itself ends the service, and the others are stopped")
    func endsByItself() async {
        let notes = NIOLockedValueBox<[String]>([])
        let sentence = await failure([
            Part("relay", Recorder(name: "relay", notes: notes)),
            Part("sweeper", Failing(error: nil), ready: { try await Latch<Void>().value() }),
        ])

        #expect(sentence == "the part sweeper could not start: it ended by itself")
    }

    @Test("a part that fails after the service was ready is told apart from one that could not start")
    func failsLater() async throws {
        let log = CapturedLog()
        let inner = PartGroup(
            parts: [Part("relay", Late(error: ReadinessFailure("the outbox is gone"), log: log))], logger: log.logger(level: .info))

        let failure = await #expect(throws: PartFailure.self) { try await inner.run() }

        #expect(failure?.duringStart == false)
        #expect(failure?.description == "the part relay stopped: the outbox is gone")
    }

    /// Fails once the service has said that it is ready.
    private struct Late: Service {
        let error: any Error
        let log: CapturedLog

        func run() async throws {
            await eventually("the service did not get ready") { log.lines.contains { $0.contains("service ready") } }
            throw error
        }
    }

    @Test("the ready file holds the bound address while the service runs")
    func readyFile() async throws {
        try await TemporaryFolder.with { folder in
            var environment = testEnvironment
            environment["HUIYIN_LISTEN"] = "127.0.0.1:0"
            let configuration = try ServiceConfiguration(for: .intake, from: SettingsReader(environment: environment))
            let log = CapturedLog()
            let http = ServiceHTTP(
                RuntimeContext(configuration: configuration, logger: log.logger(level: .info), metrics: MetricsRegistry())
            ) { _ in }
            let file = ReadyFile(path: try folder.file("ready", "127.0.0.1:1\n"))
            let group = group([Part(http)], log: log, readyFile: file)
            let running = Task { try await group.run() }

            let port = try await http.listening().port
            await eventually("no address was written") { contents(of: file.path) == "127.0.0.1:\(port)\n" }
            await eventually("no line told the address") {
                log.lines.contains("info service ready address=127.0.0.1:\(port) version=0.1.0")
            }
            await group.triggerGracefulShutdown()
            try await running.value

            #expect(contents(of: file.path) == nil)
        }
    }

    @Test("a ready file that cannot be written is a sentence")
    func readyFileFault() {
        #expect(
            #expect(throws: StartupFailure.self) { try ReadyFile(path: "/no/such/file").write(ListenAddress(host: "h", port: 1)) }?
                .description
                == "HUIYIN_READY_FILE: /no/such/file cannot be written (No such file or directory): "
                + "give it a path in a folder that this service may write to.")
    }

    @Test("a latch gives its value to everyone who waits, and lets a cancelled task go")
    func latch() async throws {
        let latch = Latch<Int>()
        let waiting = (0..<3).map { _ in Task { try await latch.value() } }
        let cancelled = Task { try await latch.value() }
        cancelled.cancel()

        await #expect(throws: CancellationError.self) { try await cancelled.value }
        latch.open(7)
        latch.open(8)

        for task in waiting { #expect(try await task.value == 7) }
        #expect(try await latch.value() == 7)
    }
}
