import Glibc

/// One call of `posix_spawn` with everything a plan asks for.
struct ChildSpawn {
    let command: [String]
    let plan: LaunchPlan

    func run() -> Result<pid_t, LaunchError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let logFile = plan.logFile {
            // Opened here, before the user changes: the log belongs to who starts the program.
            let log = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard log >= 0 else {
                return .failure(LaunchError("the log file \(logFile) cannot be written: \(String(cString: strerror(errno)))"))
            }
            defer { close(log) }
            posix_spawn_file_actions_adddup2(&actions, log, 1)
            posix_spawn_file_actions_adddup2(&actions, log, 2)
            return spawn(&actions)
        }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        return spawn(&actions)
    }

    private func spawn(_ actions: inout posix_spawn_file_actions_t) -> Result<pid_t, LaunchError> {
        // Descriptors that a library has opened without FD_CLOEXEC; one that is closed meanwhile does no harm.
        for descriptor in FileTree.names(in: "/proc/self/fd").compactMap({ Int32($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        // The child starts with no signal blocked or ignored, whatever this process does with its own.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var environment = plan.environment
        if environment["PATH"] == nil { environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }
        let arguments = CStringArray(command)
        let variables = CStringArray(environment.map { "\($0.key)=\($0.value)" })
        var id: pid_t = 0
        let outcome = posix_spawn(&id, command[0], &actions, &attributes, arguments.pointer, variables.pointer)
        guard outcome == 0 else {
            return .failure(LaunchError("\(plan.executable) cannot be started: \(String(cString: strerror(outcome)))"))
        }
        return .success(id)
    }
}

/// Strings as the NULL-terminated array that `posix_spawn` takes, as long as the value lives.
private final class CStringArray {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointer = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { (pointer + index).initialize(to: strdup(string)) }
        (pointer + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointer[index]) }
        pointer.deallocate()
    }
}
