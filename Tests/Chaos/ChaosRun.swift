import FoundationEssentials
import Glibc
import Models
import NIOHTTP1
import Postgres
import PrivateServers

/// Lets a house work under a steady load and does one fault after another to it; after each it must come back and have kept its promise.
///
/// Everything is the run's own: programs of a release on PostgreSQL and RabbitMQ that it started, on loopback, in a folder that goes away at the
/// end. The same seed gives the same faults in the same order; what they meet differs from run to run.
public struct ChaosRun: Sendable {
    public var seed: UInt64
    public var limit: Duration
    /// How many cases are registered in a second.
    public var rate = 30
    /// How long the house may take to be back at its rate; later counts as a violation.
    public var recoveryLimit = Duration.seconds(10)
    /// The faults to do; nil for all.
    public var only: [Fault]?
    /// Leaves the folder with all logs where it is.
    public var keeps = false
    /// The folder with the programs.
    public var programs: String
    /// The folder of the county's files.
    public var county: String
    public var report: @Sendable (String) -> Void

    public init(seed: UInt64, limit: Duration, programs: String, county: String, report: @escaping @Sendable (String) -> Void) {
        (self.seed, self.limit, self.programs, self.county, self.report) = (seed, limit, programs, county, report)
    }

    /// Runs until the time is over or the task is cancelled; a fault that has begun is seen to its end.
    public func run() async throws -> ChaosReport {
        var result = ChaosReport(seed: seed)
        var dice = Dice(seed: seed)
        let begin = ContinuousClock.now
        let wanted = only ?? Fault.allCases
        // Each ground has at least one fault that is possible nowhere else, and gets its share of the time.
        let grounds = Ground.allCases.filter { ground in
            ground == .plain ? wanted.contains { $0.ground == nil } : wanted.contains { $0.ground == ground }
        }
        let shares: [Ground: Double] = [.plain: 6, .smallDisk: 1.5, .cluster: 2.5]
        let all = grounds.reduce(0) { $0 + (shares[$1] ?? 1) }
        var end = begin
        for ground in grounds where !Task.isCancelled {
            end += limit * ((shares[ground] ?? 1) / all)
            let faults = wanted.filter { ($0.ground == nil || $0.ground == ground) && $0.fits(on: ground) }
            do {
                try await stand(on: ground, faults, until: end, &dice, &result)
            } catch let error as Unsupported {
                result.skipped.append(error.reason)
                report("skipped: \(error.reason)")
            }
        }
        result.seconds = (ContinuousClock.now - begin) / .seconds(1)
        return result
    }

    /// A ground that this machine does not give.
    private struct Unsupported: Error { var reason: String }

    private func stand(
        on ground: Ground, _ faults: [Fault], until end: ContinuousClock.Instant, _ dice: inout Dice, _ result: inout ChaosReport
    ) async throws {
        let folder = try FileTree.makeTemporaryDirectory(in: "/var/tmp", prefix: "huiyin-chaos", mode: 0o711)
        report("a house on \(ground.rawValue) ground\(keeps ? ", in \(folder)" : "")")
        var disk: SmallDisk?
        if ground == .smallDisk {
            do { disk = try await SmallDisk(path: folder + "/disk", megabytes: 512) } catch {
                FileTree.remove(folder)
                throw Unsupported(reason: "full-disk: \(error)")
            }
        }
        let outcome: Result<ChaosReport, any Error>
        do {
            let database = try DatabaseServer(
                folder: disk?.path ?? folder, password: Self.password(), isSmall: disk != nil)
            let broker = try BrokerNodes(folder: folder, password: Self.password(), count: ground == .cluster ? 3 : 1)
            do {
                outcome = .success(try await play(ground, folder, database, broker, disk, faults, until: end, &dice, result))
            } catch {
                outcome = .failure(error)
            }
            // Not cut short when the task was cancelled: the servers must be gone before their folder is.
            await Task {
                await broker.stop()
                await database.stop()
            }.value
        } catch {
            outcome = .failure(error)
        }
        if !keeps {
            let disk = disk
            await Task { await disk?.unmount() }.value
            FileTree.remove(folder)
        }
        result = try outcome.get()
    }

    private func play(
        _ ground: Ground, _ folder: String, _ database: DatabaseServer, _ broker: BrokerNodes, _ disk: SmallDisk?, _ faults: [Fault],
        until end: ContinuousClock.Instant, _ dice: inout Dice, _ result: ChaosReport
    ) async throws -> ChaosReport {
        async let data: Void = database.start()
        async let messages: Void = broker.start()
        _ = try await (data, messages)
        report("PostgreSQL and RabbitMQ run")
        let house = try await ChaosHouse(
            home: folder + "/house", programs: programs, county: county, databaseURL: database.url, brokerURL: broker.url)
        report("the house is ready")
        let ear: FeedEar
        do { ear = try await FeedEar() } catch {
            await house.stop()
            throw error
        }
        let client = database.client("huiyin chaos watch")
        let outcome: Result<ChaosReport, any Error>
        do {
            try await subscribe(ear, at: house)
            let load = Load(house, rate: rate, mark: "chaos-\(seed)-\(ground.rawValue)")
            let watch = RateWatch(load, client)
            let scene = Scene(
                load: load, watch: watch, ear: ear, harm: Harm(house: house, database: database, broker: broker, disk: disk),
                audit: PromiseAudit(house: house, client: client, load: load, watch: watch, ear: ear))
            let work = [Task { await load.run() }, Task { await watch.run() }]
            defer { for task in work { task.cancel() } }
            outcome = .success(try await scene.play(faults, until: end, self, &dice, result))
        } catch {
            outcome = .failure(error)
        }
        await Task {
            await client.close()
            await house.stop()
            await ear.close()
        }.value
        return try outcome.get()
    }

    private func subscribe(_ ear: FeedEar, at house: ChaosHouse) async throws {
        let body: JSONValue = .object([
            "code": .string(PromiseAudit.subscription), "unit": .string("water"), "kind": "webhook", "url": .string(ear.url),
            "form": "structured", "start": "beginning", "filter": .object([:]),
        ])
        let end = ContinuousClock.now + .seconds(20)
        while true {
            // A county that has just come into force is known to notification a moment later.
            let reply = try await house.ask(.POST, "/v1/subscriptions", of: "notification", body: body)
            if reply.status == 201 { return }
            guard .now < end else {
                throw LaunchError("the department could not subscribe: \(String(decoding: reply.body, as: UTF8.self))")
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    private static func password() -> String {
        String((0..<24).map { _ in "abcdefghijkmnpqrstuvwxyz23456789".randomElement() ?? "a" })
    }
}
