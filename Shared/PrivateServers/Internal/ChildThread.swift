import Glibc

/// A thread that starts one child, waits for its end and then ends itself.
final class ChildThread: @unchecked Sendable {
    // @unchecked Sendable: `result` is written by the thread before it posts `spawned` and read by `spawn` after it has
    // waited for that; `onEnd` is written by `watch` before it posts `watched` and read by the thread after that.
    private let command: [String]
    private let plan: LaunchPlan
    private var result: Result<pid_t, LaunchError> = .failure(LaunchError("the child was not started"))
    private var onEnd: ((() -> ProcessExit) -> Void)?
    private let spawned = Semaphore()
    private let watched = Semaphore()

    init(command: [String], plan: LaunchPlan) {
        self.command = command
        self.plan = plan
    }

    /// Starts the thread and returns the child's id once it exists.
    func spawn() -> Result<pid_t, LaunchError> {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self)
        let started = pthread_create(
            &thread, nil,
            { argument in
                // The pointer was made by `passRetained` above, once for this thread.
                if let argument { Unmanaged<ChildThread>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        guard started == 0 else {
            argument.release()
            return .failure(LaunchError("no threads are left to watch \(plan.executable): raise `ulimit -u`"))
        }
        pthread_detach(thread)
        spawned.wait()
        return result
    }

    /// Names what is called on the thread when the child has ended; it must call the closure it is given, which reaps.
    func watch(_ onEnd: @escaping (() -> ProcessExit) -> Void) {
        self.onEnd = onEnd
        watched.post()
    }

    private func run() {
        result = ChildSpawn(command: command, plan: plan).run()
        guard case .success(let id) = result else {
            spawned.post()
            return
        }
        spawned.post()
        watched.wait()
        var info = siginfo_t()
        while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        // What the child has left running in its group. The id is still the child's: nobody has reaped it yet.
        kill(-id, SIGKILL)
        onEnd? {
            var status: Int32 = 0
            while waitpid(id, &status, 0) == -1, errno == EINTR {}
            let signal = status & 0x7f
            return signal == 0 ? .exited(code: (status >> 8) & 0xff) : .killed(signal: signal)
        }
        onEnd = nil
    }
}

/// Counts permissions to go on (`sem_t`).
private final class Semaphore: @unchecked Sendable {
    // @unchecked Sendable: a `sem_t` is made to be used by several threads; it is made by `init` and destroyed by `deinit`.
    private let handle: UnsafeMutablePointer<sem_t>

    init() {
        handle = .allocate(capacity: 1)
        sem_init(handle, 0, 0)
    }

    deinit {
        sem_destroy(handle)
        handle.deallocate()
    }

    func post() { sem_post(handle) }

    func wait() { while sem_wait(handle) == -1, errno == EINTR {} }
}
