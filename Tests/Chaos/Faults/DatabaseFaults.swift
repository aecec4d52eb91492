import Glibc
import Postgres
import PrivateServers

/// What is done to PostgreSQL.
extension Harm {
    func killDatabase(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        try await database.kill()
        try await Task.sleep(for: dice.duration(0...3000))
        try await database.start()
        return .now
    }

    /// Kills a backend in the middle of what it does, which makes the server start itself again.
    func killBackend() async throws -> ContinuousClock.Instant {
        var isKilled = false
        for id in try await backends() where !isKilled { isKilled = try await database.killBackend(id) }
        guard isKilled else { throw LaunchError("no backend of a service was found to be killed") }
        try await database.start()
        return .now
    }

    func freezeDatabase(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        await database.freeze()
        do { try await Task.sleep(for: dice.duration(2000...8000)) } catch {
            await database.thaw()
            throw error
        }
        await database.thaw()
        return .now
    }

    /// Ends one backend of the services after another.
    func terminateBackends(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        try await withAdministrator { client in
            let end = ContinuousClock.now + dice.duration(2000...6000)
            while .now < end {
                try await client.run(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'huiyin\\_%' ORDER BY random() LIMIT 1
                    """)
                try await Task.sleep(for: dice.duration(30...200))
            }
        }
        return .now
    }

    /// Keeps transactions open that have an identifier and a snapshot and do nothing.
    func idleTransactions(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        let (count, hold) = (Int.random(in: 1...3, using: &dice), dice.duration(3000...15_000))
        let client = database.client("huiyin chaos idle", connections: count)
        do {
            try await withThrowingTaskGroup { group in
                for _ in 0..<count {
                    group.addTask {
                        try await client.withTransaction { transaction in
                            try await transaction.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                            try await transaction.run("SELECT pg_current_xact_id()::text")
                            try await Task.sleep(for: hold)
                        }
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return .now
    }

    /// Fills the disk under the data until nothing more goes on it, and makes room again.
    func fullDisk(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        guard let disk else { throw LaunchError("there is no small disk to be filled") }
        let end = ContinuousClock.now + dice.duration(3000...10_000)
        let client = database.client("huiyin chaos", connections: 1)
        do {
            // Room that the server gives back is taken, too, and what it has made ready beforehand is used up.
            while .now < end {
                disk.fill()
                _ = try? await client.run("SELECT pg_switch_wal()")
                try await Task.sleep(for: .milliseconds(100))
            }
        } catch {
            disk.clear()
            await client.close()
            throw error
        }
        disk.clear()
        await client.close()
        // A server that could not write its log has ended itself.
        try await database.start()
        return .now
    }

    /// Makes a standby that every commit waits for, kills the primary and lets the standby take its place.
    func promoteStandby(_ dice: inout Dice) async throws -> ContinuousClock.Instant {
        try await database.addStandby()
        try await Task.sleep(for: dice.duration(1000...3000))
        try await database.promoteStandby()
        return .now
    }

    private func backends() async throws -> [pid_t] {
        try await withAdministrator { client in
            try await client.run(
                "SELECT pid FROM pg_stat_activity WHERE usename LIKE 'huiyin\\_%' ORDER BY state <> 'active', random()"
            ).map { pid_t(try $0.value(0, as: Int.self)) }
        }
    }

    private func withAdministrator<R>(_ body: (PostgresClient) async throws -> R) async throws -> R {
        let client = database.client("huiyin chaos", connections: 1)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }
}
