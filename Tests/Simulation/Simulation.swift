import CaseFlow
import Deadline
import InMemory
import Intake
import Logging
import Models
import Notification
import Operator
import Routing
import TestModels

/// The four processes as they are, on stores and a broker in memory, under seeded faults.
///
/// @unchecked Sendable: see `SimulatedWorld`.
package final class Simulation: @unchecked Sendable {
    /// What came of a run.
    package struct Report: Sendable {
        package var seed: UInt64
        package var cases = 0
        package var events = 0
        /// How many events of each type there were.
        package var types: [String: Int] = [:]
        package var violations: [Violation] = []
        /// The faults that struck, in their order.
        package var faults: [StruckFault] = []
        /// The same for two runs that were the same in everything.
        package var digest: UInt64 = 0
        /// What happened, line by line; nil unless it was asked for.
        package var story: [String]?
    }

    /// What a run is to be watched for.
    package struct Watch: Sendable {
        /// Looks at the promise after each step, too, and ends the run with the first breach.
        package var eachStep: Bool
        /// Tells the story of the run.
        package var tells: Bool
        /// What is wrong with the house on purpose.
        package var defect: Defect?

        package init(eachStep: Bool = false, tells: Bool = false, defect: Defect? = nil) {
            self.eachStep = eachStep
            self.tells = tells
            self.defect = defect
        }
    }

    let scenario: Scenario
    let watch: Watch
    let world: SimulatedWorld
    let broker: InMemoryBroker
    let intake: SimulatedHouse<IntakeProcess>
    let routing: SimulatedHouse<RoutingProcess>
    let deadline: SimulatedHouse<DeadlineProcess>
    let notification: SimulatedHouse<NotificationProcess>
    let logs: LogWatch
    var county = SimulatedCounty()
    var petitions: [Petition] = []
    var gateway = SimulatedGateway()
    /// Notices that came to an end of which nothing stands in the ledger.
    var delivered: Set<NoticeID> = []
    /// Notices that the courier is working on.
    var carried: Set<NoticeID> = []
    var rubbish = 0
    /// The numbers of the messages that were rubbish.
    var injected: Set<Int> = []
    let people: SimulatedPeople

    var houses: [any AnyHouse] { [intake, routing, deadline, notification] }

    package init(_ scenario: Scenario, watch: Watch = Watch(), crashRate: Double = 0.02) {
        self.scenario = scenario
        self.watch = watch
        world = SimulatedWorld(seed: scenario.seed, crashRate: crashRate, allowed: scenario.faults, tells: watch.tells)
        people = SimulatedPeople(world: world)
        broker = .simulated(world)
        let logs = LogWatch()
        self.logs = logs
        let logger = Logger(label: "simulation") { _ in logs.handler }
        guard let signer = ReceiptSigner(seed: [UInt8](repeating: 7, count: 32)) else {
            preconditionFailure("any 32 bytes are the seed of an Ed25519 key; the signer's rules have changed")
        }
        let defect = watch.defect
        intake = SimulatedHouse(
            IntakeProcess(signer: signer), broker: broker, world: world, logger: logger, tampering: defect?.intake ?? Tampering())
        routing = SimulatedHouse(
            RoutingProcess(), broker: broker, world: world, logger: logger, tampering: defect?.routing ?? Tampering())
        deadline = SimulatedHouse(
            DeadlineProcess(), broker: broker, world: world, logger: logger, tampering: defect?.deadline ?? Tampering())
        notification = SimulatedHouse(
            NotificationProcess(), broker: broker, world: world, logger: logger, tampering: defect?.notification ?? Tampering())
    }

    /// Plays the scenario, lets the house come to rest, and checks the promise.
    package func run() async -> Report {
        world.begin(0)
        petitions = scenario.cases.map { Petition($0, seed: scenario.seed, people: people) }
        world.isTroubled = false
        await publish()
        world.isTroubled = true
        let eachStep = EachStep()
        for step in scenario.steps {
            world.begin(step.number)
            world.tell("step \(step.number), \(world.now): \(step.kind.rawValue)")
            await play(step.kind)
            await buryTheDead()
            world.advance(step.pause)
            if watch.eachStep {
                let found = await eachStep.violations(in: self)
                if !found.isEmpty {
                    // What stands still is let go, or its tasks would never end.
                    await wake()
                    return await close(Report(seed: scenario.seed, violations: found))
                }
            }
        }
        await settle()
        return await close(await report())
    }

    private func close(_ report: Report) async -> Report {
        var report = report
        report.faults = world.struck
        report.digest = world.digest
        report.story = world.story
        return report
    }

    private func buryTheDead() async {
        while let replica = world.dead.popLast() {
            world.note("\(replica)".utf8)
            for house in houses where house.source == replica.source { await house.bury(replica) }
        }
    }

    /// Faults end; what stands still goes on.
    private func wake() async {
        world.begin(-1)
        world.isTroubled = false
        (world.databasesAway, world.brokerIsAway) = ([], false)
        while !world.parked.isEmpty { await world.proceed(0) }
        await buryTheDead()
    }

    /// Everything that waits is worked off.
    private func settle() async {
        await wake()
        for house in houses {
            await house.drain()
            await house.mend()
        }
        for _ in 0..<200 where petitions.contains(where: { $0.receipt == nil }) { await register() }
        for _ in 0..<300 {
            for house in houses { await house.drain() }
            await fire()
            await post()
            world.advance(.seconds(31))
            if await isAtRest() { return }
        }
    }

    private func isAtRest() async -> Bool {
        for house in houses {
            let (outbox, held, _) = await house.leftovers()
            if outbox > 0 || held > 0 { return false }
        }
        let isEmpty = await broker.isEmpty
        let open = await openNotices()
        return isEmpty && open.isEmpty
    }

    /// The notices that have not come to their end.
    func openNotices() async -> [Notice] {
        let states = await notification.store.states
        return await notification.store.effects.compactMap { effect in
            guard case .notice(let notice) = effect, !delivered.contains(notice.id),
                states[notice.subject]?.settled.contains(notice.id) != true
            else { return nil }
            return notice
        }
    }
}
