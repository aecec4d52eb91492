import Glibc
import ServiceLifecycle
import Testing

@testable import ServiceKit

/// Whole processes: each test runs `Runtime` in a process of its own and looks at its end.
@Suite struct ProcessTests {
    /// Stops only when its process is ended.
    private struct Stubborn: Service {
        func run() async throws {
            while true {
                await Task.detached {}.value
                usleep(10_000)
            }
        }
    }

    private static func use(_ environment: [String: String]) {
        for name in ["HUIYIN_DATABASE_URL", "HUIYIN_BROKER_URL", "HUIYIN_LISTEN", "HUIYIN_LOG_FORMAT"] { unsetenv(name) }
        for (name, value) in environment { setenv(name, value, 1) }
    }

    @Test("a setting that is missing ends the process with 1 and one sentence")
    func missingSetting() async throws {
        let result = try await #require(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            Self.use([:])
            await Runtime.run(.routing) { _ in [] }
        }

        let lines = String(decoding: result.standardErrorContent, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("huiyin-routing: HUIYIN_DATABASE_URL (the service's PostgreSQL database) is not set") }.count == 1)
        #expect(!lines.contains { $0.contains("Fatal error") || $0.contains("Backtrace") })
    }

    @Test("a failing part ends the process with 1 and one sentence")
    func failingPart() async throws {
        struct Broken: Service {
            func run() async throws { throw StartupFailure("The schema is older than this program: run `huiyin migrate`.") }
        }
        let result = try await #require(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            Self.use(testEnvironment)
            await Runtime.run(.deadline) { _ in [Part("database", Broken())] }
        }

        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("huiyin-deadline: The schema is older than this program: run `huiyin migrate`.\n"))
    }

    @Test("SIGTERM and SIGINT stop the service in order, and the process ends with 0", arguments: [SIGTERM, SIGINT])
    func signals(signal: Int32) async throws {
        let result = try await #require(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) { [signal] in
            Self.use(testEnvironment)
            setenv("HUIYIN_LISTEN", "127.0.0.1:0", 1)
            setenv("HUIYIN_LOG_FORMAT", "json", 1)
            await Runtime.run(.notification) { context in
                let http = ServiceHTTP(context) { _ in }
                Task {
                    let address = try await http.listening()
                    await eventually("not alive") { (try? await RawConnection.open(port: address.port)) != nil }
                    kill(getpid(), signal)
                }
                return [Part(http)]
            }
        }

        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains(#""message":"service stopping""#))
        #expect(text.contains(#""message":"service stopped""#))
    }

    @Test("work that is not done at the limit is cancelled, and the process says so and ends with 1")
    func cutOff() async throws {
        struct Slow: Service {
            func run() async throws { try await Task.sleep(for: .seconds(3600)) }
        }
        let result = try await #require(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            Self.use(testEnvironment)
            setenv("HUIYIN_SHUTDOWN_LIMIT", "1s", 1)
            await Runtime.run(.intake) { _ in
                [Part("slow", Slow(), ready: { kill(getpid(), SIGTERM) })]
            }
        }

        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("huiyin-intake: the service did not stop within 1.0 seconds"), "\(text)")
    }

    @Test("a part that ignores the stop is ended with the process after the limit")
    func stubborn() async throws {
        let result = try await #require(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            Self.use(testEnvironment)
            setenv("HUIYIN_SHUTDOWN_LIMIT", "1s", 1)
            await Runtime.run(.intake) { _ in
                [Part("stubborn", Stubborn(), ready: { kill(getpid(), SIGTERM) })]
            }
        }

        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("The service did not stop in time"))
    }
}
