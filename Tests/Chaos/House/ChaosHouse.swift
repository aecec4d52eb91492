import AsyncHTTPClient
import FoundationEssentials
import Glibc
import Models
import NIOCore
import NIOHTTP1
import PrivateServers

/// The house as an operator runs it, `huiyin up` on servers that the run owns: the real programs, reached over HTTP and by commands.
final class ChaosHouse: Sendable {
    struct Reply: Sendable {
        var status: UInt
        var body: [UInt8]
        var json: JSONValue? { try? JSONValue(parsing: body) }
    }

    struct Output: Sendable {
        var code: Int32
        var out: String
        var err: String

        /// The last line as JSON.
        var json: JSONValue? { out.split(separator: "\n").last.flatMap { try? JSONValue(parsing: Array($0.utf8)) } }
    }

    static let services = ["intake", "routing", "deadline", "notification"]

    let home: String
    private let programs: String
    private let environment: [String: String]
    private let up: RunningProcess
    private let client: HTTPClient
    private let ports: [String: UInt16]
    private let operatorToken: String

    /// Starts the house and returns once it is ready, county and all.
    ///
    /// - Parameters:
    ///   - programs: The folder with the programs.
    ///   - county: The folder of the county's files.
    init(home: String, programs: String, county: String, databaseURL: String, brokerURL: String) async throws {
        (self.home, self.programs) = (home, programs)
        mkdir(home, 0o711)
        mkdir(home + "/deploy", 0o755)
        symlink(county, home + "/deploy/county")
        environment = [
            "HUIYIN_HOME": home, "HUIYIN_BIN": programs, "HUIYIN_DATABASE_URL": databaseURL, "HUIYIN_BROKER_URL": brokerURL,
            "HUIYIN_WEBHOOK_ALLOWED": "127.0.0.1/32", "HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "LANG": "C.UTF-8",
        ]
        let log = home + "/up.txt"
        let up = try LaunchPlan(
            executable: programs + "/huiyin", arguments: ["up"], environment: environment, directory: home, parentDeathSignal: SIGTERM,
            logFile: log
        ).start()
        self.up = up
        do {
            try await Self.awaitReady(up, log)
            let settings = try JSONValue(parsing: FileTree.read(home + "/.huiyin/settings.json") ?? [])
            operatorToken = settings["operatorToken"]?.string ?? ""
            ports = Dictionary(
                uniqueKeysWithValues: Self.services.map { ($0, UInt16(settings["ports"]?[$0]?.number ?? 0)) })
        } catch {
            await up.stop(within: .seconds(60))
            throw error
        }
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 128
        configuration.timeout = .init(connect: .seconds(2), read: .seconds(30))
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static func awaitReady(_ up: RunningProcess, _ log: String) async throws {
        let end = ContinuousClock.now + .seconds(180)
        while true {
            let text = FileTree.read(log).map { String(decoding: $0, as: UTF8.self) } ?? ""
            if text.contains("Huiyin is ready") { return }
            guard up.isRunning, .now < end else { throw LaunchError("the house did not start: \(text.suffix(1000))") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Stops the services.
    func stop() async {
        for name in Self.services { signal(name, SIGCONT) }
        await up.stop(within: .seconds(60))
        try? await client.shutdown()
    }

    /// What the supervisor has said.
    var log: String { FileTree.read(home + "/up.txt").map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// The process id of a process of the house, by its name: `intake`, `routing-2`; nil when none runs.
    func pid(_ name: String) -> pid_t? {
        guard let note = try? JSONValue(parsing: FileTree.read("\(home)/.huiyin/run/\(name).pid") ?? []), let number = note["pid"]?.number,
            number > 1, let status = FileTree.read("/proc/\(number)/stat"),
            // Behind the name, which stands in parentheses, come the state and the parent: an old note may name a stranger.
            let fields = String(decoding: status, as: UTF8.self).split(separator: ")").last?.split(separator: " "), fields.count > 1,
            pid_t(fields[1]) == up.id
        else { return nil }
        return pid_t(number)
    }

    /// Sends a signal to one process of the house; false when it does not run now.
    @discardableResult
    func signal(_ name: String, _ number: Int32) -> Bool { pid(name).map { kill($0, number) == 0 } ?? false }

    /// Runs a command of the operator's tool to its end.
    func run(_ arguments: [String]) async throws -> Output {
        let base = "\(home)/\(UInt64.random(in: 0...UInt64.max))"
        defer { for suffix in ["out", "err"] { unlink("\(base).\(suffix)") } }
        let words = ([programs + "/huiyin"] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let process = try LaunchPlan(
            executable: "/bin/sh", arguments: ["-c", "exec \(words) >'\(base).out' 2>'\(base).err'"], environment: environment,
            directory: home, parentDeathSignal: SIGKILL
        ).start()
        let exit = try await withTaskCancellationHandler {
            try await process.wait()
        } onCancel: {
            process.signal(SIGKILL)
        }
        let code: Int32 =
            switch exit {
            case .exited(let code): code
            case .killed(let signal): -signal
            }
        func text(_ suffix: String) -> String { FileTree.read("\(base).\(suffix)").map { String(decoding: $0, as: UTF8.self) } ?? "" }
        return Output(code: code, out: text("out"), err: text("err"))
    }

    /// Asks a service over HTTP; throws when there is no answer within `limit`.
    ///
    /// - Parameter token: A staff token; nil for the operator's.
    func ask(
        _ method: HTTPMethod, _ path: String, of service: String = "intake", body: JSONValue? = nil, key: String? = nil,
        token: String? = nil, limit: Duration = .seconds(5)
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(ports[service] ?? 0)\(path)")
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token ?? operatorToken)")
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.canonical))
        }
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(limit / .nanoseconds(1))))
        return Reply(status: response.status.code, body: Array(buffer: try await response.body.collect(upTo: 16 << 20)))
    }

    /// The staff token of somebody, from the operator's tool.
    func token(person: String, role: String, unit: String) async throws -> String {
        let issued = try await run(["token", "issue", "--person", person, "--role", role, "--unit", unit, "--hours", "12"])
        guard issued.code == 0 else { throw LaunchError("no token could be issued: \(issued.err)") }
        return String(issued.out.filter { !$0.isWhitespace })
    }
}

extension JSONValue {
    subscript(_ name: String) -> JSONValue? { if case .object(let members) = self { members[name] } else { nil } }
    var number: Int? { if case .integer(let value) = self { Int(value) } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
}
