import Glibc
import PrivateServers

/// The directories of the tests' servers, named after the process that uses them, and what must end when it exits.
enum ServerDirectories {
    private static let prefix = "huiyin-server-"
    private static let atExit = AtExit()

    /// Makes a directory that the server's user can pass through, after removing those of processes that are gone.
    static func make() throws(LaunchError) -> String {
        let parent = TestDirectory.parent
        for name in FileTree.names(in: parent) where name.hasPrefix(prefix) {
            guard let owner = pid_t(name.dropFirst(prefix.count).prefix { $0.isNumber }), Glibc.kill(owner, 0) != 0, errno == ESRCH else {
                continue
            }
            var status = stat()
            if lstat("\(parent)/\(name)", &status) == 0, status.st_uid == geteuid() { FileTree.remove("\(parent)/\(name)") }
        }
        let path = try FileTree.makeTemporaryDirectory(in: parent, prefix: "\(prefix)\(getpid())", mode: 0o711)
        atExit.add(nil, path + "/server")
        return path + "/server"
    }

    static func register(_ process: RunningProcess, _ directory: String) { atExit.add(process, directory) }

    static func remove(_ directory: String) {
        atExit.forget(directory)
        FileTree.remove(outer(directory))
    }

    fileprivate static func outer(_ directory: String) -> String { String(directory.dropLast("/server".count)) }

    /// Ends every server that is left and removes its directory (`atexit`).
    fileprivate static func endAll() { atExit.endAll() }
}

/// The servers that are still there.
private final class AtExit: @unchecked Sendable {
    // @unchecked Sendable: `servers` is reached only while `lock` is held.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var servers: [String: RunningProcess?] = [:]

    init() {
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        atexit { ServerDirectories.endAll() }
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    func add(_ process: RunningProcess?, _ directory: String) { locked { $0[directory] = .some(process) } }

    func forget(_ directory: String) { locked { _ = $0.removeValue(forKey: directory) } }

    func endAll() {
        let servers = locked { $0 }
        for process in servers.values {
            process?.signal(SIGCONT)
            process?.signal(SIGQUIT)
        }
        for (directory, process) in servers {
            // No task runs any more while the process exits, so this waits by looking: ten seconds, then by force.
            for _ in 0..<1000 where process?.isRunning == true { usleep(10_000) }
            process?.signal(SIGKILL)
            FileTree.remove(ServerDirectories.outer(directory))
        }
    }

    private func locked<R>(_ body: (inout [String: RunningProcess?]) -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(&servers)
    }
}
