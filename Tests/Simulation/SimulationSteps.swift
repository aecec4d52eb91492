import CaseFlow
import Deadline
import InMemory
import Intake
import Models
import Notification
import Operator
import Routing

extension Simulation {
    /// More operations than so many do not stand still at once.
    private static var mostParked: Int { 10 }

    func play(_ kind: StepKind) async {
        if world.parked.count >= Self.mostParked, kind != .silence { return await proceed() }
        let standing = world.parked.count
        let house = houses[world.pick(4)]
        switch kind {
        case .register: await register()
        case .order: await order()
        case .proceed: for _ in 0...world.pick(6) { await proceed() }
        case .consume: await first { house in await house.consume() }
        case .relay: await first { [lane = lane()] house in await house.relay(lane) }
        case .sweep:
            await house.resend()
            await house.sweep(lane())
        case .held: await house.lookAtHeld()
        case .fire: await fire()
        case .courier: await post()
        case .scale: await house.scale()
        case .county: await publish()
        case .recount: await recount()
        case .rubbish: await litter(house.source)
        case .emptyBroker: await emptyBroker()
        case .outage: breakDown(house.source)
        case .recovery: (world.databasesAway, world.brokerIsAway) = ([], false)
        case .ailment: await sicken(house.source)
        case .remedy: await house.mend()
        case .silence: break
        }
        // Who found nothing to do lets others go on.
        let isWork = [StepKind.register, .order, .consume, .relay, .fire, .courier].contains(kind)
        if isWork, world.parked.count == standing { await proceed() }
    }

    /// Lets services do something, in an order by chance, until one has begun it.
    private func first(_ operation: (any AnyHouse) async -> Void) async {
        let standing = world.parked.count
        for house in world.shuffle(houses) where world.parked.count == standing { await operation(house) }
    }

    /// Nearly always the one between the services; the courier of the feed is not a part of this house.
    private func lane() -> OutboxLane { world.chance(0.95) ? .services : .feed }

    private func proceed() async {
        if world.parked.isEmpty { return }
        let index = world.pick(world.parked.count)
        let operation = world.parked[index]
        world.tell("    \(operation.replica) goes on with \(operation.place)")
        await world.proceed(index)
    }

    /// Clients ask, and ask again with the same key until they get an answer, also while the first question is still on its way.
    func register() async {
        let waiting = petitions.indices.filter { petitions[$0].receipt == nil }
        let chosen = world.shuffle(waiting).prefix(1 + world.pick(3))
        if chosen.isEmpty { return }
        let requests = chosen.map { index in
            var registration = petitions[index].registration
            registration.id = CaseID(world.identifier())
            return Request(
                subject: Subject(registration.id), command: IntakeProcess.Command.register(registration),
                idempotency: (petitions[index].key, Array("body \(petitions[index].number)".utf8)), claims: registration.claims)
        }
        world.tell("    petitions \(chosen.map { petitions[$0].number }) are brought")
        await intake.ask(requests) { [self] answers in
            for (index, answer) in zip(chosen, answers ?? []) {
                switch answer {
                case .success(.done(let bytes)), .success(.repeated(let bytes)):
                    petitions[index].receipts.append(contentsOf: [RegistrationAnswer(bytes: bytes)?.receipt].compactMap { $0 })
                case .success(.refused), .failure: break
                }
            }
        }
    }

    /// Somebody takes a step on some case, lawful or not: what is unlawful is refused, and nothing comes of it.
    private func order() async {
        let known = await routing.store.states.sorted { $0.key < $1.key }
        guard let (subject, state) = world.pick(from: known) else { return }
        switch world.pick(20) {
        case 0...11:
            let command = people.deskCommand(on: state.life)
            world.tell("    \(command.by.role) orders \(command.order.step) on \(state.number)")
            await routing.ask([Request(subject: subject, command: .order(command))])
        case 12...16:
            let command = people.caseCommand(on: state.life, subject, at: world.now)
            world.tell("    \(command.by.role) orders \(command.order.step) on \(state.number)")
            await intake.ask([Request(subject: subject, command: .order(command))])
        case 17...18:
            let command = people.extensionCommand(on: state.life)
            await deadline.ask([Request(subject: subject, command: .extend(command))])
        default:
            let command = people.clockCommand(on: state.life)
            await deadline.ask([Request(subject: subject, command: .change(command))])
        }
    }

    /// The clock sweep asks those that are due, and now and then some that are not yet.
    func fire() async {
        let horizon = world.isTroubled && world.chance(0.2) ? world.now + .seconds(3600) : world.now
        let due = await deadline.store.states
            .compactMap { subject, state in state.nextRung.map { (at: $0, subject: subject) } }
            .filter { $0.at <= horizon }.sorted { ($0.at, $0.subject) < ($1.at, $1.subject) }.map(\.subject)
        if due.isEmpty { return }
        await deadline.ask(due.map { Request(subject: $0, command: .fire) }, skipsLocked: true)
    }

    private func recount() async {
        let known = await deadline.store.states.keys.sorted()
        await deadline.ask(known.map { Request(subject: $0, command: .recount) }, skipsLocked: true)
    }

    /// The courier posts some of the notices that are owed, and reports how they ended.
    ///
    /// Between the two it may die: the notice is posted again, under the same identifier.
    func post() async {
        let open = world.shuffle(await openNotices().filter { !carried.contains($0.id) }).prefix(5)
        if open.isEmpty { return }
        let failing = Set(open.filter { _ in world.chance(0.1) }.map(\.id))
        let isCareless = watch.defect == .newNoticeIdentifier
        await notification.operate("courier") { [self] replica in
            for notice in open {
                carried.insert(notice.id)
                defer { carried.remove(notice.id) }
                let fails = failing.contains(notice.id)
                if !fails {
                    let isRepeated = gateway.letters[notice.id] != nil
                    gateway.post(notice, as: isCareless && isRepeated ? NoticeID(world.identifier()) : notice.id)
                }
                await world.park(replica.life, "reporting a notice")
                if world.kills(replica.life, .crashBefore, at: "reporting a notice") { return }
                if !fails, !notice.recipient.isOnRecord {
                    delivered.insert(notice.id)
                    continue
                }
                let end = NotificationProcess.Settlement(
                    notice: notice.id, template: notice.template.rawValue, recipient: notice.recipient, by: "file", attempts: 1,
                    failure: fails ? "the simulated gateway said no" : nil)
                _ = try? await replica.worker.perform([Request(subject: notice.subject, command: .settle(end))])
                if replica.life.isDead { return }
            }
        }
    }

    /// Puts the next edition of the county into force.
    func publish() async {
        let definition = county.revise(world)
        await intake.ask([Request(subject: .county, command: .publish(definition))])
    }

    private func litter(_ reader: Source) async {
        rubbish += 1
        injected.insert(await broker.enqueue(Array("[{\"rubbish\":\(rubbish)}".utf8), for: reader))
    }

    /// The broker loses every message it has; each service learns of it and sends again what it keeps.
    private func emptyBroker() async {
        rubbish -= injected.intersection(await broker.empty()).count
        for house in houses {
            house.owe()
            await house.resend()
        }
    }

    private func breakDown(_ source: Source) {
        if world.chance(0.3) { world.brokerIsAway = true } else { world.databasesAway.insert(source) }
        let databases = world.databasesAway.map(\.rawValue).sorted()
        world.tell("    away: the databases of \(databases)\(world.brokerIsAway ? " and the broker" : "")")
    }

    /// From now on a service cannot work on one of its cases.
    private func sicken(_ source: Source) async {
        let known = await intake.store.states.keys.sorted()
        guard world.ailments[source] == nil, let subject = world.pick(from: known), subject != .county else { return }
        world.ailments[source] = world.chance(0.5) ? .refuses(subject) : .cannotStore(subject)
        world.tell("    \(source) cannot work on \(subject)")
    }
}
