import PrivateServers

/// What is done to RabbitMQ.
extension Harm {
    func killBroker(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        for index in 0..<(await broker.count) { try await broker.kill(index) }
        try await Task.sleep(for: dice.duration(0...3000))
        try await broker.start()
        return .now
    }

    func freezeBroker(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        await broker.freeze()
        do { try await Task.sleep(for: dice.duration(2000...15_000)) } catch {
            await broker.thaw()
            throw error
        }
        await broker.thaw()
        return .now
    }

    /// Has the node call its memory or its disk short, which stops everybody who publishes.
    func alarm(_ begin: [String], _ end: [String], _ dice: inout Dice) async throws -> ContinuousClock.Instant {
        try await broker.control(begin)
        try await Task.sleep(for: dice.duration(2000...10_000))
        try await broker.control(end)
        return .now
    }

    /// Kills the node that leads the queue of a service; the two others go on.
    func killLeader(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        let queue = "huiyin.\(dice.pick(ChaosHouse.services) ?? "routing")"
        guard let leader = try await broker.leader(of: queue), leader.members == 3 else {
            throw LaunchError("\(queue) is not kept by three nodes")
        }
        try await broker.kill(leader.index)
        let died = ContinuousClock.now
        try await Task.sleep(for: dice.duration(3000...6000))
        try await broker.start()
        return died
    }
}
