import Glibc

/// How a process ended.
public enum ProcessExit: Sendable, Equatable, CustomStringConvertible {
    case exited(code: Int32)
    case killed(signal: Int32)

    public var description: String {
        switch self {
        case .exited(let code): "ended with exit code \(code)"
        case .killed(let signal): "was ended by signal \(signal)"
        }
    }
}

/// A process that this one started and waits for.
///
/// One thread starts the child and waits for its end. The kernel ties a parent's death signal to the thread that started
/// the child, and a thread of a shared pool may end at any time; this one lives as long as the child.
public final class RunningProcess: @unchecked Sendable {
    // @unchecked Sendable: `state` is reached only while `lock` is held. A pthread lock and not `Synchronization.Mutex`,
    // because ThreadSanitizer understands the former only.
    private struct State {
        var exit: ProcessExit?
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<ProcessExit?, Never>] = [:]
        var cancelledEarly: Set<UInt64> = []
    }

    /// The process id, which is also the id of its process group.
    public let id: pid_t
    public let plan: LaunchPlan
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var state = State()

    init(command: [String], plan: LaunchPlan) throws(LaunchError) {
        let watch = ChildThread(command: command, plan: plan)
        switch watch.spawn() {
        case .failure(let error): throw error
        case .success(let id): self.id = id
        }
        self.plan = plan
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        // The thread keeps this object alive until the child has ended, so every waiter is answered.
        watch.watch { [self] reap in
            let (exit, waiters) = withLock { state in
                // Reaped while the lock is held: until then the id cannot be given to another process, and `signal` never
                // meets a stranger.
                let exit = reap()
                state.exit = exit
                defer { state.waiters = [:] }
                return (exit, Array(state.waiters.values))
            }
            for waiter in waiters { waiter.resume(returning: exit) }
        }
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// How the process ended, nil while it runs.
    public var exit: ProcessExit? { withLock { $0.exit } }

    public var isRunning: Bool { exit == nil }

    /// Sends a signal to the process alone; does nothing once it has ended.
    public func signal(_ number: Int32) {
        withLock { state in if state.exit == nil { kill(id, number) } }
    }

    /// Sends a signal to the process and all of its group; does nothing once it has ended.
    public func signalGroup(_ number: Int32) {
        withLock { state in if state.exit == nil { kill(-id, number) } }
    }

    /// Waits for the end of the process, which goes on when the waiting task is cancelled.
    public func wait() async throws(CancellationError) -> ProcessExit {
        let waiter = withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let exit = await withTaskCancellationHandler {
            await end(as: waiter)
        } onCancel: {
            let waiting = withLock { state in
                let waiting = state.waiters.removeValue(forKey: waiter)
                if waiting == nil { state.cancelledEarly.insert(waiter) }
                return waiting
            }
            waiting?.resume(returning: nil)
        }
        withLock { _ = $0.cancelledEarly.remove(waiter) }
        guard let exit else { throw CancellationError() }
        return exit
    }

    /// Asks the process to stop by its plan's signal, kills its whole group when it has not ended within `limit`, and
    /// returns once it has ended, also in a task that is cancelled.
    @discardableResult
    public func stop(within limit: Duration) async -> ProcessExit {
        signal(plan.stopSignal)
        // A stopped process acts on no signal but these two.
        signal(SIGCONT)
        let alarm = Task {
            try await Task.sleep(for: limit)
            signalGroup(SIGKILL)
        }
        defer { alarm.cancel() }
        let waiter = withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        // Nobody cancels this waiter, so the answer is always the end.
        return await end(as: waiter) ?? .killed(signal: SIGKILL)
    }

    private func end(as waiter: UInt64) async -> ProcessExit? {
        await withCheckedContinuation { continuation in
            let known: ProcessExit?? = withLock { state in
                if let exit = state.exit { return exit }
                if state.cancelledEarly.contains(waiter) { return .some(nil) }
                state.waiters[waiter] = continuation
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    private func withLock<R>(_ body: (inout State) -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(&state)
    }
}
