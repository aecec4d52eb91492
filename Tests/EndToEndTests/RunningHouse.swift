import AsyncHTTPClient
import FoundationEssentials
import Glibc
import Models
import NIOCore
import NIOHTTP1
import PrivateServers
import TestSupport
import Testing

/// The whole house as an operator runs it: `huiyin up` with real processes, real broker, real database, in a directory of its own.
final class RunningHouse: Sendable {
    struct Output: Sendable {
        var code: Int32
        var out: String
        var err: String

        /// The last line as JSON.
        var json: JSONValue? { out.split(separator: "\n").last.flatMap { try? JSONValue(parsing: Array($0.utf8)) } }
    }

    struct Reply: Sendable {
        var status: UInt
        var body: [UInt8]
        /// The header Content-Type.
        var type: String?
        /// The header ETag.
        var tag: String?
        var json: JSONValue? { try? JSONValue(parsing: body) }
    }

    enum Trouble: Error { case noPrograms, notStarted(String) }

    let directory: TestDirectory
    private let bin: String
    private let up: RunningProcess
    private let client = HTTPClient(eventLoopGroupProvider: .singleton)

    /// Starts a house and waits until it is ready, county and all.
    init() async throws {
        guard let bin = ProcessInfo.processInfo.environment["HUIYIN_BIN"] else { throw Trouble.noPrograms }
        self.bin = bin
        directory = try TestDirectory("huiyin-e2e")
        chmod(directory.path, 0o711)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        mkdir(directory.path + "/deploy", 0o755)
        symlink(root.path + "/deploy/county", directory.path + "/deploy/county")
        let log = directory.path + "/up.txt"
        up = try LaunchPlan(
            executable: bin + "/huiyin", arguments: ["up"], environment: Self.environment(directory.path, bin), directory: directory.path,
            parentDeathSignal: SIGTERM, logFile: log
        ).start()
        let process = up
        try await eventually(within: .seconds(180), "the house is ready") {
            let text = FileTree.read(log).map { String(decoding: $0, as: UTF8.self) } ?? ""
            if !process.isRunning { throw Trouble.notStarted(text) }
            return text.contains("Huiyin is ready")
        }
    }

    private static func environment(_ home: String, _ bin: String) -> [String: String] {
        ["HUIYIN_HOME": home, "HUIYIN_BIN": bin, "HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"]
    }

    /// Stops everything in order.
    func stop() async {
        _ = await up.stop(within: .seconds(90))
        try? await client.shutdown()
    }

    /// Runs a command of the operator's tool to its end, or kills it after a while.
    func run(_ arguments: [String], killedAfter limit: Duration? = nil) async throws -> Output {
        let base = "\(directory.path)/\(UInt64.random(in: 0...UInt64.max))"
        defer { for suffix in ["out", "err"] { unlink("\(base).\(suffix)") } }
        let words = ([bin + "/huiyin"] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let process = try LaunchPlan(
            executable: "/bin/sh", arguments: ["-c", "exec \(words) >'\(base).out' 2>'\(base).err'"],
            environment: Self.environment(directory.path, bin), directory: directory.path, parentDeathSignal: SIGKILL
        ).start()
        let killing = limit.map { limit in
            Task {
                try await Task.sleep(for: limit)
                process.signal(SIGKILL)
            }
        }
        defer { killing?.cancel() }
        let code: Int32 =
            switch try await process.wait() {
            case .exited(let code): code
            case .killed(let signal): -signal
            }
        func text(_ suffix: String) -> String { FileTree.read("\(base).\(suffix)").map { String(decoding: $0, as: UTF8.self) } ?? "" }
        return Output(code: code, out: text("out"), err: text("err"))
    }

    /// What `up` chose: ports and secrets.
    func settings() throws -> JSONValue {
        try JSONValue(parsing: FileTree.read(directory.path + "/.huiyin/settings.json") ?? [])
    }

    func setting(_ path: String...) throws -> String {
        var value = try settings()
        for name in path { if case .object(let members) = value { value = members[name] ?? .null } }
        if case .string(let text) = value { return text }
        return value.text
    }

    /// The house's broker, to be harmed.
    func broker() throws -> PrivateRabbitMQ {
        guard let port = UInt16(try setting("ports", "rabbitmq")), let distribution = UInt16(try setting("ports", "rabbitmq-distribution"))
        else { throw Trouble.notStarted("the settings name no ports of the broker") }
        return PrivateRabbitMQ(
            directory: directory.path + "/.huiyin/rabbitmq", port: port, distributionPort: distribution, user: "huiyin",
            password: try setting("brokerPassword"), managementPort: UInt16(try setting("ports", "rabbitmq-management")))
    }

    /// The process id of a process of the house, by its name: `intake`, `routing-2`, `postgresql`, `rabbitmq`.
    func pid(_ name: String) -> pid_t? {
        guard let json = try? JSONValue(parsing: FileTree.read("\(directory.path)/.huiyin/run/\(name).pid") ?? []),
            case .object(let members) = json,
            case .integer(let pid)? = members["pid"]
        else { return nil }
        return pid_t(pid)
    }

    /// Sends a signal to one process of the house; nothing when it does not run now.
    func signal(_ name: String, _ number: Int32) { if let pid = pid(name), pid > 1 { kill(pid, number) } }

    /// Asks a service over HTTP, intake when none is named.
    func ask(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, headers: [String: String] = [:], staff: Bool = false,
        service: String = "intake"
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(try setting("ports", service))\(path)")
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if staff { request.headers.add(name: "Authorization", value: "Bearer \(try setting("operatorToken"))") }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(30))
        return Reply(
            status: response.status.code, body: Array(buffer: try await response.body.collect(upTo: 16 << 20)),
            type: response.headers.first(name: "Content-Type"), tag: response.headers.first(name: "ETag"))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(directory.path)/\(name)"
        try FileTree.write(bytes, to: path, mode: 0o600)
        return path
    }
}

extension JSONValue {
    subscript(_ name: String) -> JSONValue? { if case .object(let members) = self { members[name] } else { nil } }
    var number: Int? { if case .integer(let value) = self { Int(value) } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
}
