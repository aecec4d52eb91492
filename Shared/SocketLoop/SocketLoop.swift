import Glibc

/// A thread that is a serial executor: it runs the jobs of its actors and waits for their sockets with `poll(2)`.
///
/// An actor that owns a C connection names a loop as its `unownedExecutor`. Its code then always runs on the loop's
/// thread, so the C library sees one thread, and `wait(for:on:until:)` suspends the actor without blocking the thread:
/// other actors on the same loop go on. A loop is woken from other threads through a self-pipe.
///
/// Nothing is lost by a loop: a job that was enqueued is run, and a wait always ends (ready, timed out, interrupted or
/// the loop's shutdown, which interrupts every wait).
public final class SocketLoop: SerialExecutor, @unchecked Sendable {
    // @unchecked Sendable: every mutable field is in `state`, reached only while `lock` is held. A pthread lock and not
    // `Synchronization.Mutex`, because ThreadSanitizer understands the former only.

    /// What a waiter asks for.
    public enum Interest: Sendable {
        case readable, writable, both

        var events: Int16 {
            switch self {
            case .readable: Int16(POLLIN)
            case .writable: Int16(POLLOUT)
            case .both: Int16(POLLIN | POLLOUT)
            }
        }
    }

    /// How a wait ended.
    public enum Readiness: Sendable, Equatable {
        /// The descriptor can be read or written now; an error or hang-up counts as both, so the next call meets it.
        case ready
        /// The deadline passed first.
        case timedOut
        /// `interrupt(_:)` was called for the descriptor, the waiting task was cancelled, or the loop is shutting down.
        case interrupted
    }

    private struct Waiter {
        let id: UInt64
        let descriptor: Int32
        let events: Int16
        let deadline: ContinuousClock.Instant?
        /// Nil until the task that waits is suspended.
        var continuation: CheckedContinuation<Readiness, Never>?
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var waiters: [UInt64: Waiter] = [:]
        /// How waits ended whose task was not suspended yet.
        var ended: [UInt64: Readiness] = [:]
        var nextWaiter: UInt64 = 0
        var running = false
        var stopping = false
        var wakeWritten = false

        /// Ends a wait, unless it is over already; gives whom to tell, who is told by this when nobody is suspended yet.
        mutating func end(_ id: UInt64, _ outcome: Readiness) -> CheckedContinuation<Readiness, Never>? {
            guard let waiter = waiters.removeValue(forKey: id) else { return nil }
            if waiter.continuation == nil { ended[id] = outcome }
            return waiter.continuation
        }
    }

    private let name: String
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var state = State()
    private let readEnd: Int32
    private let writeEnd: Int32

    /// Makes a loop whose thread, started by the first job or wait, is called `name` (Linux keeps 15 bytes of it).
    public init(name: String) {
        self.name = name
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "no file descriptors are left for a socket loop's pipe: raise `ulimit -n`")
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Runs `job` on the loop's thread after those enqueued before it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        wake { $0.jobs.append(unowned) }
    }

    /// Stops the process when called from another thread than the loop's.
    public func checkIsolated() {
        precondition(isCurrent, "this code must run on its socket loop's thread")
    }

    /// Whether the caller runs on the loop's thread.
    public var isCurrent: Bool { Self.current() === self }

    /// Suspends the caller until `descriptor` is ready, `deadline` passes, or somebody interrupts it.
    ///
    /// An actor of this loop waits without leaving the loop's thread. Whoever interrupts it once it has called this ends the wait, even
    /// before the task is suspended.
    public func wait(
        for interest: Interest, on descriptor: Int32, until deadline: ContinuousClock.Instant? = nil,
        isolation: isolated (any Actor)? = #isolation
    ) async -> Readiness {
        let id = wake { state in
            state.nextWaiter += 1
            let id = state.nextWaiter
            if state.stopping {
                state.ended[id] = .interrupted
            } else {
                state.waiters[id] = Waiter(id: id, descriptor: descriptor, events: interest.events, deadline: deadline)
            }
            return id
        }
        return await withTaskCancellationHandler {
            // A closure that holds the isolation runs in it; any other leaves the caller's thread for the way.
            _ = isolation
            return await withCheckedContinuation { continuation in
                let ended = withLock { state in
                    let ended = state.ended.removeValue(forKey: id)
                    if ended == nil { state.waiters[id]?.continuation = continuation }
                    return ended
                }
                if let ended { continuation.resume(returning: ended) }
            }
        } onCancel: {
            end { $0.id == id }
        }
    }

    /// Suspends the caller until `deadline`, or until the task is cancelled.
    public func sleep(until deadline: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation) async {
        _ = await wait(for: .readable, on: -1, until: deadline)
    }

    /// Ends every wait on `descriptor` as interrupted.
    ///
    /// Call it before closing the descriptor.
    public func interrupt(_ descriptor: Int32) {
        end { $0.descriptor == descriptor }
    }

    /// Interrupts every wait, refuses new ones, and ends the thread once no job is left.
    ///
    /// A job that arrives later still runs, on a thread started for it, so that no actor is ever stranded.
    public func shutdown() {
        withLock { $0.stopping = true }
        end { _ in true }
    }
}

extension SocketLoop {
    private func withLock<R>(_ body: (inout State) -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(&state)
    }

    /// Changes the state, then makes the thread look at it: starts the thread if none runs, else writes one byte to the
    /// pipe, unless one is already on its way or the thread itself does this: it looks before it rests.
    private func wake<R>(after change: (inout State) -> R) -> R {
        let isAwake = isCurrent
        let (result, mustStart, mustWrite) = withLock { state in
            let result = change(&state)
            if !state.running {
                state.running = true
                return (result, true, false)
            }
            if isAwake { return (result, false, false) }
            defer { state.wakeWritten = true }
            return (result, false, !state.wakeWritten)
        }
        if mustStart {
            start()
        } else if mustWrite {
            var byte: UInt8 = 1
            _ = write(writeEnd, &byte, 1)
        }
        return result
    }

    private func end(where matches: (Waiter) -> Bool) {
        let ended = wake { state in state.waiters.values.filter(matches).compactMap { state.end($0.id, .interrupted) } }
        for continuation in ended { continuation.resume(returning: .interrupted) }
    }

    private func start() {
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { argument in
                // The pointer was made by `passRetained` below, once for this thread.
                guard let argument else { return nil }
                Unmanaged<SocketLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(started == 0, "no threads are left for a socket loop: raise `ulimit -u`")
        pthread_detach(thread)
    }

    private static let currentKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    private static func current() -> SocketLoop? {
        pthread_getspecific(currentKey).map { Unmanaged<SocketLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The thread: jobs until none is left, then one `poll(2)` over the waiters' sockets and the pipe.
    private func run() {
        pthread_setspecific(Self.currentKey, Unmanaged.passUnretained(self).toOpaque())
        if let comm = fopen("/proc/thread-self/comm", "w") {
            fputs(String(name.prefix(15)), comm)
            fclose(comm)
        }
        let executor = asUnownedSerialExecutor()
        while true {
            let (jobs, waiters, ended) = withLock { state in
                let jobs = state.jobs
                state.jobs.removeAll(keepingCapacity: true)
                let ended = jobs.isEmpty && state.waiters.isEmpty && state.stopping
                if ended { state.running = false }
                return (jobs, jobs.isEmpty ? Array(state.waiters.values) : [], ended)
            }
            if ended { return }
            if jobs.isEmpty {
                poll(waiters)
            } else {
                for job in jobs { job.runSynchronously(on: executor) }
            }
        }
    }

    private func poll(_ waiters: [Waiter]) {
        var descriptors = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        var nearest: ContinuousClock.Instant?
        for waiter in waiters {
            descriptors.append(pollfd(fd: waiter.descriptor, events: waiter.events, revents: 0))
            if let deadline = waiter.deadline { nearest = min(nearest ?? deadline, deadline) }
        }
        _ = Glibc.poll(&descriptors, nfds_t(descriptors.count), nearest.map(Self.milliseconds) ?? -1)

        if descriptors[0].revents != 0 {
            var drain = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
            while read(readEnd, &drain, 32) > 0 {}
        }
        let now = ContinuousClock.now
        var finished: [(CheckedContinuation<Readiness, Never>, Readiness)] = []
        withLock { state in
            state.wakeWritten = false
            for (waiter, descriptor) in zip(waiters, descriptors.dropFirst()) {
                let outcome: Readiness
                if descriptor.revents != 0 {
                    outcome = .ready
                } else if let deadline = waiter.deadline, deadline <= now {
                    outcome = .timedOut
                } else {
                    continue
                }
                if let continuation = state.end(waiter.id, outcome) { finished.append((continuation, outcome)) }
            }
        }
        for (continuation, outcome) in finished { continuation.resume(returning: outcome) }
    }

    /// The wait until `deadline` in whole milliseconds, rounded up so that a deadline has passed when `poll(2)` returns.
    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let left = deadline - .now
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
