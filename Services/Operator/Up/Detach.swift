import FoundationEssentials
import Glibc

/// Starts `up` anew in a session of its own, so that it outlives the terminal, and follows it until it is ready.
struct Detach: Sendable {
    let folder: HouseFolder
    let console: Console
    /// What the supervisor writes while nobody watches.
    var log: String { folder.logFile("up") }

    /// POSIX_SPAWN_SETSID of <spawn.h>, which the module map of glibc does not show.
    private static let newSession: Int16 = 0x80

    /// Starts this very program with `arguments`, output to the log, and returns its process id (posix_spawn(3), POSIX_SPAWN_SETSID).
    func spawn(_ arguments: [String]) throws(UpFailure) -> Int32 {
        let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UpFailure("\(log) cannot be written (\(systemWords(errno))): check the disk.") }
        defer { close(descriptor) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, descriptor, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, descriptor, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.newSession)
        var words: [UnsafeMutablePointer<CChar>?] = (["huiyin"] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, words, environ)
        guard code == 0 else { throw UpFailure("The supervisor cannot be started: \(systemWords(code)).") }
        return pid
    }

    /// Shows what the supervisor says until it is ready; throws why it gave up.
    func follow(_ pid: Int32, from start: Int) async throws(UpFailure) {
        var reader = LogReader(path: log, position: start)
        var lastLines: [String] = []
        func show() {
            for line in reader.newLines() {
                console.say(line)
                lastLines = (lastLines + [line]).suffix(1)
            }
        }
        while true {
            var status: Int32 = 0
            let ended = waitpid(pid, &status, WNOHANG) == pid
            // The board may say so before the last lines are in the log, never after: look at the board first.
            let board = try Board.ofRunningHouse(in: folder)
            show()
            if ended {
                // A house that another `up` has started is as good as one of its own.
                if status == 0, let board, board.phase == .ready { return }
                throw UpFailure("Huiyin did not start; everything was stopped again. All of it: \(log)")
            }
            if let board, board.supervisor.pid == pid, board.phase == .ready {
                show()
                console.say("It runs on in the background (process \(pid)); `./huiyin down` stops it.")
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
