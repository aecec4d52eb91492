import Glibc
import PrivateServers
import Testing

/// A program in Python that plays the other side of a protocol: a mail server, a department's receiver.
///
/// Its script lies in `Tests/Counterparts`. It listens on loopback, prints its port as its first line of digits, and is then ready; what it
/// prints after that are its words for the test. It dies with the test process, and `stop()` ends it by its process id.
public final class Counterpart: Sendable {
    public let port: UInt16
    private let process: RunningProcess
    private let directory: TestDirectory

    /// Starts the script `name`, such as `mail_server.py`, and returns once it has told its port.
    ///
    /// Fails, and does not skip, where there is no Python with what the scripts need.
    public init(_ name: String, _ arguments: [String] = [], environment: [String: String] = [:]) async throws {
        directory = try TestDirectory("huiyin-counterpart")
        let log = directory.path + "/output.txt"
        let plan = LaunchPlan(
            executable: Self.python, arguments: ["-u", "-W", "ignore", "\(Self.scripts)/\(name)"] + arguments,
            environment: environment.merging(["PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"]) { $1 }, directory: directory.path,
            parentDeathSignal: SIGKILL, logFile: log)
        let process: RunningProcess
        do { process = try plan.start() } catch {
            throw LaunchError(
                "\(error). Run ./huiyin test, which makes it, or name a Python with \(Self.scripts)/requirements.txt in HUIYIN_TEST_PYTHON")
        }
        self.process = process
        var port: UInt16?
        try await eventually("the counterpart \(name) listening") {
            port = Self.lines(of: log).lazy.compactMap { UInt16($0) }.first
            if port == nil, let exit = process.exit {
                throw LaunchError("the counterpart \(name) \(exit) before it listened: \(Self.lines(of: log).joined(separator: " | "))")
            }
            return port != nil
        }
        self.port = port ?? 0
    }

    /// What it has printed so far, whole lines only, the port among them.
    public var lines: [String] { Self.lines(of: directory.path + "/output.txt") }

    /// Its directory, in which the script runs; gone with the counterpart.
    public var folder: String { directory.path }

    /// Stops it where it is, as a machine that hangs does, until `thaw()`.
    public func freeze() { process.signal(SIGSTOP) }

    public func thaw() { process.signal(SIGCONT) }

    /// Ends it.
    public func stop() async { await process.stop(within: .seconds(5)) }

    private static func lines(of file: String) -> [String] {
        guard let bytes = FileTree.read(file), let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let scripts = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/Counterparts"

    /// The Python of the environment that `./huiyin test` makes, unless another one is named.
    private static let python =
        getenv("HUIYIN_TEST_PYTHON").map { String(cString: $0) }
        ?? #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/.build/counterparts/bin/python"
}
