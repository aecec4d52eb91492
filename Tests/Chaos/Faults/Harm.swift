import Glibc
import Postgres
import PrivateServers

/// Does faults to a house and its servers, and takes them away again.
struct Harm: Sendable {
    let house: ChaosHouse
    let database: DatabaseServer
    let broker: BrokerNodes
    /// The small disk under the database; nil when it lies on a large one.
    let disk: SmallDisk?

    /// Does one fault and ends it.
    ///
    /// Answers the instant from which everything the services need is there again; for a service that was killed, that of its death.
    func inflict(_ fault: Fault, _ dice: inout Dice) async throws -> ContinuousClock.Instant {
        switch fault {
        case .killIntake: try await killServices(["intake"])
        case .killRouting: try await killServices(["routing"])
        case .killDeadline: try await killServices(["deadline"])
        case .killNotification: try await killServices(["notification"])
        case .killServices: try await killServices(ChaosHouse.services)
        case .freezeService: try await freezeService(&dice)
        case .replicas: try await replicas(&dice)
        case .killDatabase: try await killDatabase(&dice)
        case .killBackend: try await killBackend()
        case .freezeDatabase: try await freezeDatabase(&dice)
        case .terminateBackends: try await terminateBackends(&dice)
        case .idleTransactions: try await idleTransactions(&dice)
        case .fullDisk: try await fullDisk(&dice)
        case .promoteStandby: try await promoteStandby(&dice)
        case .killBroker: try await killBroker(&dice)
        case .freezeBroker: try await freezeBroker(&dice)
        case .memoryAlarm:
            try await alarm(["set_vm_memory_high_watermark", "0.000001"], ["set_vm_memory_high_watermark", "0.4"], &dice)
        case .diskAlarm: try await alarm(["set_disk_free_limit", "100000GB"], ["set_disk_free_limit", "200MB"], &dice)
        case .killLeader: try await killLeader(&dice)
        case .delayDatabase: try await slow(database.door, .delay(dice.duration(20...80)), &dice)
        case .delayBroker: try await slow(broker.door, .delay(dice.duration(50...400)), &dice)
        case .cutDatabase: try await cut(database.door, &dice)
        case .cutBroker: try await cut(broker.door, &dice)
        case .blackHoleDatabase: try await hide(database.door, .blackHole, &dice)
        case .blackHoleBroker: try await hide(broker.door, .blackHole, &dice)
        case .loseAnswersOfDatabase: try await hide(database.door, .loseAnswers, &dice)
        case .loseAnswersOfBroker: try await hide(broker.door, .loseAnswers, &dice)
        case .trickleDatabase: try await slow(database.door, .trickle(bytesPerSecond: Int.random(in: 2000...20_000, using: &dice)), &dice)
        case .trickleBroker: try await slow(broker.door, .trickle(bytesPerSecond: Int.random(in: 1000...10_000, using: &dice)), &dice)
        }
    }

    /// Takes away whatever a fault that was broken off has left.
    func undo() async {
        for proxy in [database.door, broker.door] { proxy.become(.pass) }
        await database.thaw()
        await broker.thaw()
        for name in ChaosHouse.services { house.signal(name, SIGCONT) }
        disk?.clear()
    }
}

/// Services that die, freeze, come and go.
extension Harm {
    private func killServices(_ names: [String]) async throws -> ContinuousClock.Instant {
        for name in names {
            // One that died a moment ago may be about to start again.
            let end = ContinuousClock.now + .seconds(20)
            while !house.signal(name, SIGKILL) {
                guard .now < end else { throw LaunchError("\(name) does not run and cannot be killed") }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        return .now
    }

    private func freezeService(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        let name = dice.pick(ChaosHouse.services) ?? "routing"
        guard let pid = house.pid(name), kill(pid, SIGSTOP) == 0 else { throw LaunchError("\(name) does not run and cannot be frozen") }
        defer { kill(pid, SIGCONT) }
        try await Task.sleep(for: dice.duration(2000...15_000))
        return .now
    }

    private func replicas(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        let wanted = ChaosHouse.services.map { "\($0)=\(Int.random(in: 1...3, using: &dice))" }
        try await scale(wanted)
        try await Task.sleep(for: dice.duration(1000...4000))
        // One of those that came dies before it is told to go.
        if let name = dice.pick(ChaosHouse.services.filter { house.pid("\($0)-2") != nil }) { house.signal("\(name)-2", SIGKILL) }
        try await scale(ChaosHouse.services.map { "\($0)=1" })
        return .now
    }

    private func scale(_ wanted: [String]) async throws {
        let scaled = try await house.run(["scale"] + wanted)
        guard scaled.code == 0 else { throw LaunchError("scale \(wanted.joined(separator: " ")): \(scaled.err)") }
    }
}

/// Ways to a server that are slow, cut or dark.
extension Harm {
    private func slow(_ door: FaultProxy, _ manner: FaultProxy.Manner, _ dice: inout Dice) async throws -> ContinuousClock.Instant {
        door.become(manner)
        defer { door.become(.pass) }
        try await Task.sleep(for: dice.duration(2000...8000))
        return .now
    }

    private func cut(_ door: FaultProxy, _ dice: inout Dice) async throws -> ContinuousClock.Instant {
        for _ in 0..<Int.random(in: 1...5, using: &dice) {
            door.cut()
            try await Task.sleep(for: dice.duration(50...600))
        }
        door.become(.refuse)
        defer { door.become(.pass) }
        door.cut()
        try await Task.sleep(for: dice.duration(500...6000))
        return .now
    }

    /// What is held back arrives late, or never, when the connections do not live to see the end.
    private func hide(_ door: FaultProxy, _ manner: FaultProxy.Manner, _ dice: inout Dice) async throws -> ContinuousClock.Instant {
        door.become(manner)
        defer { door.become(.pass) }
        try await Task.sleep(for: dice.duration(2000...12_000))
        if dice.coin() { door.cut() }
        return .now
    }
}
