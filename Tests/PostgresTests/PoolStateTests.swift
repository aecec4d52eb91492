import Testing

@testable import Postgres

@Suite("Pool bookkeeping")
struct PoolStateTests {
    private struct Fault: Error, CustomStringConvertible { let description: String }

    /// A pool together with what its users must see: who holds a place, who waits, which connection lies idle.
    private struct World: Hashable {
        var held: [Int] = []
        var opening = 0
        var waiting: [UInt64] = []
        var idle: [Int] = []
        var opened = 0
        var tickets: UInt64 = 0
    }

    private enum Step: CaseIterable {
        case acquire, opened, openFailed, releaseUsable, releaseBroken, forgetFirst, forgetLast
    }

    /// Carries out one step on both; nil when the step is impossible now, throws when the pool breaks a rule.
    private func next(_ step: Step, _ pool: PoolState<Int>, _ world: World, limit: Int) throws -> (PoolState<Int>, World)? {
        var (pool, world) = (pool, world)
        func require(_ holds: Bool, _ rule: String) throws { if !holds { throw Fault(description: "\(step): \(rule)") } }
        func give(back connection: Int, usable: Bool) throws {
            switch pool.release(connection, isUsable: usable) {
            case .hand(let handed, let ticket):
                try require(handed == connection, "the connection that was given back is handed on")
                try require(ticket == world.waiting.first, "who came first is served first")
                world.waiting.removeFirst()
                // A broken connection hands its place on: the new holder opens another.
                if usable { world.held.append(handed) } else { world.opening += 1 }
            case .kept:
                try require(world.waiting.isEmpty, "nobody waits while a place is free")
                if usable { world.idle.append(connection) }
            }
        }
        switch step {
        case .acquire:
            switch pool.acquire() {
            case .use(let connection):
                try require(world.idle.contains(connection), "only an idle connection is given out")
                world.idle.removeAll { $0 == connection }
                world.held.append(connection)
            case .open:
                try require(world.idle.isEmpty, "an idle connection is used before a new one is opened")
                world.opening += 1
            case .wait:
                try require(world.idle.isEmpty && world.held.count + world.opening == limit, "only a full pool makes wait")
                world.tickets += 1
                world.waiting.append(world.tickets)
                pool.enqueue(world.tickets)
            }
        case .opened:
            guard world.opening > 0 else { return nil }
            world.opening -= 1
            world.opened += 1
            world.held.append(world.opened)
        case .openFailed:
            guard world.opening > 0 else { return nil }
            world.opening -= 1
            world.opened += 1
            try give(back: world.opened, usable: false)
        case .releaseUsable, .releaseBroken:
            guard let connection = world.held.first else { return nil }
            world.held.removeFirst()
            try give(back: connection, usable: step == .releaseUsable)
        case .forgetFirst, .forgetLast:
            guard let ticket = step == .forgetFirst ? world.waiting.first : world.waiting.last else { return nil }
            world.waiting.removeAll { $0 == ticket }
            pool.forget(ticket)
        }
        try require(pool.taken == world.held.count + world.opening, "a place is taken exactly by who holds or opens a connection")
        try require(world.held.count + world.opening + world.idle.count <= limit, "there are never more connections than the limit")
        try require(pool.isEmpty == (world.held.isEmpty && world.opening == 0 && world.idle.isEmpty), "empty means that nothing is left")
        return (pool, world)
    }

    @Test("no sequence of eleven steps breaks a rule of the pool", arguments: 1...3)
    func exhaustive(limit: Int) throws {
        var frontier: [(PoolState<Int>, World)] = [(PoolState(limit: limit), World())]
        var reached = 0
        for _ in 0..<11 {
            var following: [(PoolState<Int>, World)] = []
            for (pool, world) in frontier {
                for step in Step.allCases {
                    if let next = try next(step, pool, world, limit: limit) { following.append(next) }
                }
            }
            frontier = following
            reached += frontier.count
        }

        #expect(reached > 50_000)
    }

    @Test("an idle connection that was used last is used first, so that the others can age")
    func stack() {
        var pool = PoolState<Int>(limit: 2)
        for _ in 0..<2 { _ = pool.acquire() }
        _ = pool.release(1, isUsable: true)
        _ = pool.release(2, isUsable: true)

        guard case .use(let connection) = pool.acquire() else {
            Issue.record("no idle connection was given out")
            return
        }
        #expect(connection == 2)
        #expect(pool.drain() == [1])
        #expect(!pool.isEmpty)
    }
}
