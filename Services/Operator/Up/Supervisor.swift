/// Runs the processes of one house: starts them, keeps the board up to date, scales the services and stops all in order.
actor Supervisor {
    private let folder: HouseFolder
    private let launch: ServiceLaunch
    private let say: @Sendable (String) -> Void
    private let identity: ProcessIdentity
    /// In the order in which they were started.
    private var children: [SupervisedChild] = []
    private var phase = Board.Phase.starting
    private var reason: String?
    private(set) var replicas: Replicas
    private var written: Board?
    /// The start was broken off: nothing more may be started.
    private var isBrokenOff = false

    init(
        folder: HouseFolder, launch: ServiceLaunch, replicas: Replicas, identity: ProcessIdentity, say: @escaping @Sendable (String) -> Void
    ) {
        self.folder = folder
        self.launch = launch
        self.replicas = replicas
        self.identity = identity
        self.say = say
    }

    /// Starts one process and answers its address once it is ready.
    func start(_ spec: ChildSpec) async throws(UpFailure) -> String {
        guard !isBrokenOff else { throw UpFailure("The house was told to stop.") }
        let child = SupervisedChild(spec: spec, folder: folder, say: say) { [weak self] in await self?.updateBoard() }
        children.append(child)
        return try await child.start()
    }

    /// Starts every service process that is wanted and not there, all at once; answers name and address of each.
    ///
    /// - Parameter each: Called as each becomes ready.
    func startServices(_ each: @escaping @Sendable (String, String) -> Void) async throws(UpFailure) {
        let running = Set(children.map(\.spec.name))
        let missing = HouseSettings.services.flatMap { service in
            (1...replicas[service]).filter { !running.contains(Replicas.name(service, $0)) }
                .map { launch.spec(service: service, number: $0) }
        }
        let failures = await withTaskGroup(of: UpFailure?.self) { group in
            for spec in missing {
                group.addTask {
                    do throws(UpFailure) {
                        each(spec.name, try await self.start(spec))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var failures: [UpFailure] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
        if let first = failures.first { throw first }
    }

    /// Brings the service processes to the wanted number: starts what is missing, stops what is too many.
    func scale(to wanted: Replicas) async {
        let before = replicas
        replicas = replicas.merging(wanted)
        guard replicas != before else { return }
        let names = Set(replicas.processNames)
        let surplus = children.filter { child in
            HouseSettings.services.contains { child.spec.name.hasPrefix("\($0)-") } && !names.contains(child.spec.name)
        }
        children.removeAll { child in surplus.contains { $0 === child } }
        await stop(surplus)
        for child in surplus { say("\(child.spec.name) stopped") }
        do throws(UpFailure) {
            try await startServices { [say] name, address in say("\(name) ready on \(address)") }
        } catch {
            say(error.sentence)
            await dropFailed()
        }
        await updateBoard()
    }

    /// Forgets processes that could not be started, so that a later wish tries them again.
    private func dropFailed() async {
        var kept: [SupervisedChild] = []
        for child in children {
            if await child.row.state != "failed" { kept.append(child) }
        }
        children = kept
        for service in HouseSettings.services {
            let count = kept.filter { $0.spec.name == service || $0.spec.name.hasPrefix("\(service)-") }.count
            if count > 0 { replicas = replicas.merging(Replicas([service: count])) }
        }
    }

    func enter(_ phase: Board.Phase, reason: String? = nil) async {
        self.phase = phase
        self.reason = reason
        await updateBoard()
    }

    /// Ends every wait for readiness; the processes stay until `stopAll` stops them in order.
    func breakOff() async {
        isBrokenOff = true
        for child in children { await child.abandon() }
    }

    /// Stops the services together, then the broker, then the database.
    func stopAll(_ each: @escaping @Sendable (String) -> Void) async {
        await enter(.stopping, reason: reason)
        let services = children.filter { child in
            HouseSettings.services.contains { child.spec.name == $0 || child.spec.name.hasPrefix("\($0)-") }
        }
        if !services.isEmpty {
            await stop(services)
            each("services")
        }
        for name in ["rabbitmq", "postgresql"] {
            for child in children where child.spec.name == name {
                await child.stop()
                each(name)
            }
        }
        children = []
    }

    /// Kills every process at once; the next `up` recovers.
    func killAll() async {
        for child in children { await child.kill() }
    }

    private func stop(_ some: [SupervisedChild]) async {
        await withTaskGroup { group in
            for child in some { group.addTask { await child.stop() } }
        }
    }

    /// The services stop together and the servers after them; the rest is for what lies between.
    private var stopLimit: Int {
        var limits: [String: Duration] = [:]
        for spec in children.map(\.spec) {
            let group = HouseSettings.services.contains { spec.name == $0 || spec.name.hasPrefix("\($0)-") } ? "services" : spec.name
            limits[group] = max(limits[group] ?? .zero, spec.stopLimit)
        }
        return 20 + Int(limits.values.reduce(.zero, +).components.seconds)
    }

    private func updateBoard() async {
        var rows: [Board.Row] = []
        for child in children { rows.append(await child.row) }
        let board = Board(
            supervisor: identity, phase: phase, reason: reason,
            replicas: Dictionary(uniqueKeysWithValues: HouseSettings.services.map { ($0, replicas[$0]) }), rows: rows,
            stopLimit: stopLimit)
        guard board != written else { return }
        written = board
        do throws(UpFailure) {
            try PrivateFile.writeJSON(board, to: folder.boardFile)
        } catch {
            say(error.sentence)
        }
    }
}
