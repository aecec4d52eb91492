import PrivateServers

/// Keeps one process running: launches it, waits until it answers, launches it again when it dies, and stops it.
///
/// What to do when is decided by `ChildState`; this actor only does it.
actor SupervisedChild {
    nonisolated let spec: ChildSpec
    private let folder: HouseFolder
    private let say: @Sendable (String) -> Void
    private let changed: @Sendable () async -> Void
    private var state: ChildState
    private var process: RunningProcess?
    private var address: String?
    private var pause: Task<Void, any Error>?
    private var life: Task<Void, Never>?
    private var waiting: [CheckedContinuation<Result<String, UpFailure>, Never>] = []
    private var lastFailure: UpFailure?

    /// - Parameters:
    ///   - say: Receives a line for people when the process dies, comes back or cannot.
    ///   - changed: Called after every change of state.
    init(
        spec: ChildSpec, folder: HouseFolder, say: @escaping @Sendable (String) -> Void, changed: @escaping @Sendable () async -> Void
    ) {
        self.spec = spec
        self.folder = folder
        self.say = say
        self.changed = changed
        state = ChildState(attemptsBeforeReady: spec.attempts)
    }

    var row: Board.Row {
        Board.Row(name: spec.name, state: state.word, pid: process?.id, address: address, restarts: state.restarts)
    }

    /// Launches the process and answers its address once it is ready; throws when it cannot get there.
    func start() async throws(UpFailure) -> String {
        if life == nil {
            let first = state.handle(.start, at: .now)
            life = Task { await live(first) }
        }
        return try await ready()
    }

    /// Stops the process for good and returns once it is gone.
    func stop() async {
        let action = state.handle(.stop, at: .now)
        await changed()
        pause?.cancel()
        // Without a process in `.terminate`, the launch is still being prepared and ends itself when it sees the phase.
        if action == .terminate, let process { await process.stop(within: spec.stopLimit) }
        await life?.value
    }

    /// Kills the process at once; used when somebody presses Ctrl-C a second time.
    func kill() {
        _ = state.handle(.stop, at: .now)
        pause?.cancel()
        process?.signalGroup(9)
    }

    /// Ends the waits for its readiness, because the house is about to stop.
    func abandon() {
        for waiter in waiting { waiter.resume(returning: .failure(UpFailure("The house was told to stop."))) }
        waiting = []
    }

    private func ready() async throws(UpFailure) -> String {
        if case .ready = state.phase, let address { return address }
        if let lastFailure { throw lastFailure }
        return try await withCheckedContinuation { waiting.append($0) }.get()
    }

    private func live(_ first: ChildState.Action) async {
        var action = first
        while true {
            await changed()
            switch action {
            case .launch:
                action = state.handle(.ended(await launchAndWatch()), at: .now)
            case .pause(let time, let reason):
                say("\(spec.name) \(reason); starting it again in \(Console.seconds(time))")
                // It may have been told to stop while others heard of its end.
                if case .backingOff = state.phase {
                    let sleep = Task { try await Task.sleep(for: time) }
                    pause = sleep
                    _ = await sleep.result
                    pause = nil
                }
                action = state.handle(.pauseOver, at: .now)
            case .giveUp(let reason):
                return await end(UpFailure("\(spec.name) \(reason). \(LogTail.sentence(of: folder.logFile(spec.name)))"))
            case .nothing, .finish, .terminate, .announce:
                // Stopped: while a pause was running `stop` has already moved the state on.
                return await end(UpFailure("\(spec.name) was stopped before it was ready."))
            }
        }
    }

    private func end(_ failure: UpFailure) async {
        lastFailure = failure
        for waiter in waiting { waiter.resume(returning: .failure(failure)) }
        waiting = []
        await changed()
    }

    /// One life of the process; answers how it ended.
    private func launchAndWatch() async -> String {
        let plan: LaunchPlan
        do {
            plan = try await spec.plan()
        } catch {
            return "cannot be started: \(error)"
        }
        guard case .starting = state.phase else { return "was stopped" }
        let process: RunningProcess
        do {
            process = try plan.start()
        } catch {
            return "cannot be started: \(error)"
        }
        self.process = process
        if let identity = ProcessIdentity(of: process.id) { try? PrivateFile.writeJSON(identity, to: folder.pidFile(spec.name)) }
        await changed()
        let probe = Task { await self.probe(process) }
        let exit = try? await process.wait()
        probe.cancel()
        let silent = await probe.value
        self.process = nil
        address = nil
        PrivateFile.remove(folder.pidFile(spec.name))
        return silent ?? exit.map { "\($0)" } ?? "was left"
    }

    /// Asks until the process answers; when it does not within its limit, stops it and answers so.
    private func probe(_ process: RunningProcess) async -> String? {
        let deadline = ContinuousClock.now + spec.readyLimit
        var pause: Duration = .milliseconds(20)
        while !Task.isCancelled, process.isRunning {
            if let address = await spec.address(), !Task.isCancelled {
                await answered(at: address)
                return nil
            }
            guard ContinuousClock.now < deadline else {
                await process.stop(within: spec.stopLimit)
                return "did not become ready within \(Int(spec.readyLimit.components.seconds)) s"
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(250))
        }
        return nil
    }

    private func answered(at address: String) async {
        guard case .announce(let again) = state.handle(.answered, at: .now) else { return }
        self.address = address
        if again { say("\(spec.name) is ready again on \(address)") }
        for waiter in waiting { waiter.resume(returning: .success(address)) }
        waiting = []
        await changed()
    }
}
