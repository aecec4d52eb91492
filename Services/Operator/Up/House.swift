import FoundationEssentials
import Glibc
import PrivateServers
import ServiceKit
import Synchronization

/// One run of `up`: from the lock to the last process stopped.
///
/// Nothing is lost by ending it at any moment, even with kill -9: the next run ends what is left and continues on the same data.
struct House: Sendable {
    let folder: HouseFolder
    let environment: [String: String]
    let replicas: Replicas
    let hooks: UpHooks
    let console: Console
    let signals: StopSignals

    /// Runs until a stop is asked for; throws why the house could not be started, after everything was stopped again.
    func run() async throws(UpFailure) {
        try folder.create()
        guard let lock = try HouseLock.take(folder) else {
            try await RunningHouse(folder: folder, console: console).describe()
            return
        }
        guard let identity = ProcessIdentity(of: getpid()) else {
            throw UpFailure("/proc cannot be read: huiyin needs it to recognise its processes; mount it.")
        }
        try PrivateFile.writeJSON(identity, to: folder.supervisorFile)
        defer { PrivateFile.remove(folder.supervisorFile) }
        PrivateFile.remove(folder.wishFile)

        let (settings, servers) = try await prepare()
        let launch = ServiceLaunch(
            folder: folder, settings: settings, servers: servers, programs: try Self.programs(environment), environment: environment)
        let supervisor = Supervisor(folder: folder, launch: launch, replicas: replicas, identity: identity) { console.say($0) }
        await supervisor.enter(.starting)
        let start = Task { () -> UpFailure? in
            do throws(UpFailure) {
                try await open(supervisor, servers: servers, settings: settings)
                return nil
            } catch {
                return error
            }
        }
        let stop = Task {
            for await _ in signals.first {
                start.cancel()
                return await supervisor.breakOff()
            }
        }
        let failure = await start.value
        if let failure, !start.isCancelled {
            await supervisor.enter(.failed, reason: failure.sentence)
            await close(supervisor)
            throw failure
        }
        if failure == nil { await attend(supervisor, until: stop) }
        await stop.value
        await close(supervisor)
        withExtendedLifetime((lock, signals)) {}
    }

    /// Settings, ports, folders and a floor free of orphans.
    private func prepare() async throws(UpFailure) -> (HouseSettings, HouseServers) {
        let known = try HouseSettings.load(from: folder)
        var settings = known ?? .generate()
        let ended = try await Orphans(folder: folder, mark: settings.mark).end()
        if !ended.isEmpty { console.say("Ended what an earlier run had left: \(ended.joined(separator: ", ")).") }
        let external = try HouseServers.external(environment)
        let (ports, moved) = try PortChoice.choose(known: settings.ports, ownServers: external == nil)
        for name in moved { console.say("The port of \(name) was taken by another program: it moves to \(ports[name] ?? 0).") }
        // Ports of private servers are kept while others are used: they come back with the data.
        settings.ports = external == nil ? ports : settings.ports.merging(ports) { $1 }
        if external == nil, let place = try DatabaseFolder.choose(folder: folder, settings: settings, console: console) {
            settings.databaseFolder = place
        }
        if settings != known { try settings.save(to: folder) }
        try makeFirstStaffKey()
        return (settings, try HouseServers(settings: settings, folder: folder, environment: environment))
    }

    /// Makes a key for staff tokens where there is none: the services read its public half at their start.
    private func makeFirstStaffKey() throws(UpFailure) {
        let keys = StaffKeyFolder(path: folder.staffKeysFolder)
        do {
            _ = try keys.makeFirst(at: SystemTime.now)
        } catch {
            throw UpFailure("\(error)")
        }
    }

    /// Brings everything up, in order.
    private func open(_ supervisor: Supervisor, servers: HouseServers, settings: HouseSettings) async throws(UpFailure) {
        console.say("Starting Huiyin in \(folder.path)")
        try await startServers(servers, supervisor)
        let clock = ContinuousClock()
        var began = clock.now
        let applied = Atomic(0)
        do {
            try await hooks.migrate(servers.databaseURL, settings.rolePasswords) { _ in applied.add(1, ordering: .relaxed) }
        } catch {
            throw UpFailure("\(error)")
        }
        console.step("database", Self.migrated(applied.load(ordering: .relaxed)), took: clock.now - began)
        began = clock.now
        let servicesBegan = began
        try await supervisor.startServices { name, address in
            console.step(name, "ready on \(address)", took: clock.now - servicesBegan)
        }
        began = clock.now
        if let line = try await county(addresses(settings, servers)) { console.step("county", line, took: clock.now - began) }
        await supervisor.enter(.ready)
        for line in Welcome.lines(folder: folder, settings: settings, servers: servers) { console.say(line) }
    }

    /// Puts deploy/county into force where no county is yet, and says what is in force.
    ///
    /// A county in force stays: it may be the operator's own, and the clone's files only the sample.
    private func county(_ addresses: HouseAddresses) async throws(UpFailure) -> String? {
        let files = "\(folder.home)/deploy/county"
        guard FileManager.default.fileExists(atPath: files) else { return nil }
        do {
            guard let known = try await hooks.countyInForce(addresses) else {
                return "deploy/county in force as \(try await hooks.applyCounty(addresses, files))"
            }
            guard let own = try? hooks.countyVersion(files) else {
                return "\(known) stays in force; deploy/county has mistakes: ./huiyin county check deploy/county"
            }
            if own == known { return "deploy/county in force as \(known)" }
            return "\(known) stays in force; deploy/county is another: ./huiyin county apply deploy/county"
        } catch {
            throw UpFailure("\(error)")
        }
    }

    private static func migrated(_ count: Int) -> String {
        switch count {
        case 0: "schemas are at this version already"
        case 1: "1 migration applied"
        default: "\(count) migrations applied"
        }
    }

    private func startServers(_ servers: HouseServers, _ supervisor: Supervisor) async throws(UpFailure) {
        let clock = ContinuousClock()
        let began = clock.now
        if servers.children.isEmpty {
            console.say(
                "Using PostgreSQL on \(servers.databaseAddress) and RabbitMQ on \(DatabaseURL.shown(servers.brokerURL))")
        }
        let failures = await withTaskGroup(of: UpFailure?.self) { group in
            for spec in servers.children {
                group.addTask {
                    do throws(UpFailure) {
                        let address = try await supervisor.start(spec)
                        console.step(spec.name, "ready on \(address)", took: clock.now - began)
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

    private func addresses(_ settings: HouseSettings, _ servers: HouseServers) -> HouseAddresses {
        HouseAddresses(
            services: Dictionary(
                uniqueKeysWithValues: HouseSettings.services.map { ($0, "http://127.0.0.1:\(settings.ports[$0] ?? 0)") }),
            operatorToken: settings.operatorToken, databaseURL: servers.databaseURL, brokerURL: servers.brokerURL)
    }

    /// Fulfils wishes and keeps the logs short until a stop is asked for.
    private func attend(_ supervisor: Supervisor, until stop: Task<Void, Never>) async {
        let rounds = Task {
            let rotation = LogRotation(folder: folder.logFolder)
            var round = 0
            while !Task.isCancelled {
                if let wish = (try? PrivateFile.readJSON(Wish.self, from: folder.wishFile)).flatMap({ $0 }) {
                    PrivateFile.remove(folder.wishFile)
                    await supervisor.scale(to: Replicas(wish.replicas))
                }
                if round.isMultiple(of: 20) { rotation.turn() }
                round += 1
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        await stop.value
        rounds.cancel()
        await rounds.value
    }

    private func close(_ supervisor: Supervisor) async {
        console.say("Stopping in order; press Ctrl-C again to kill at once.")
        let impatience = Task {
            for await _ in signals.later { await supervisor.killAll() }
        }
        let clock = ContinuousClock()
        let began = clock.now
        await supervisor.stopAll { console.step($0, "stopped", took: clock.now - began) }
        impatience.cancel()
        PrivateFile.remove(folder.boardFile)
    }

    /// The folder of the services' programs: `HUIYIN_BIN`, else beside this program.
    static func programs(_ environment: [String: String]) throws(UpFailure) -> String {
        let folder: String
        if let named = environment["HUIYIN_BIN"], !named.isEmpty {
            folder = named
        } else {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = buffer.withUnsafeMutableBytes { $0.baseAddress.map { readlink("/proc/self/exe", $0, 4096) } ?? -1 }
            guard count > 0 else { throw UpFailure("The folder of this program is unknown: name it in HUIYIN_BIN.") }
            let path = String(decoding: buffer[..<count], as: UTF8.self)
            folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        }
        for service in HouseSettings.services where access("\(folder)/huiyin-\(service)", X_OK) != 0 {
            throw UpFailure(
                "\(folder)/huiyin-\(service) is missing: start with `./huiyin up`, which builds it, or name the folder in HUIYIN_BIN.")
        }
        return folder
    }
}
