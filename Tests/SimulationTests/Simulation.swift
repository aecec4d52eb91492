import CaseFlow
import Deadline
import Models
import Operator
import Routing
import TestSupport

@testable import Intake
@testable import Notification

/// The four processes as they are, on stores and a broker in memory, under seeded faults.
final class Simulation {
    struct Report: Sendable {
        var seed: UInt64
        var cases = 0
        var events = 0
        var violations: [String] = []
        var trace: UInt64 = 0
    }

    private struct Asking {
        var request: Registration
        var key: ClaimKey
        var receipt: Receipt?
    }

    private let world: SimulatedWorld
    private let broker: InMemoryBroker
    private let intake: SimulatedHouse<IntakeProcess>
    private let routing: SimulatedHouse<RoutingProcess>
    private let deadline: SimulatedHouse<DeadlineProcess>
    private let notification: SimulatedHouse<NotificationProcess>
    private var askings: [Asking] = []
    private var delivered: Set<NoticeID> = []
    private var rubbish = 0
    /// The numbers of the messages that were rubbish.
    private var injected: Set<Int> = []
    private let seed: UInt64
    private let people: SimulatedPeople

    init(seed: UInt64, faultRate: Double = 0.03) throws {
        self.seed = seed
        world = SimulatedWorld(seed: seed, faultRate: faultRate)
        people = SimulatedPeople(world: world)
        broker = .simulated(world)
        guard let signer = ReceiptSigner(seed: [UInt8](repeating: 7, count: 32)) else { throw Refused.key }
        intake = SimulatedHouse(IntakeProcess(signer: signer), broker: broker, world: world)
        routing = SimulatedHouse(RoutingProcess(), broker: broker, world: world)
        deadline = SimulatedHouse(DeadlineProcess(), broker: broker, world: world)
        notification = SimulatedHouse(NotificationProcess(), broker: broker, world: world)
    }

    enum Refused: Error { case key }

    /// Plays `cases` registrations over `steps` steps, lets the house come to rest, and checks the promise.
    func run(cases: Int = 8, steps: Int = 260) async -> Report {
        await publish(revised: false)
        for index in 0..<cases { askings.append(asking(index)) }
        for step in 0..<steps {
            await act()
            world.advance(.milliseconds(world.pick(1500)))
            // In every other seed the county changes in mid-course.
            if step == steps / 2, seed % 2 == 0 { await publish(revised: true) }
            if world.chance(0.01) { world.advance(.seconds(86_400 * (1 + world.pick(6)))) }
        }
        await settle()
        return await report()
    }

    private func act() async {
        switch world.pick(20) {
        case 16...19: await work()
        case 0...2: await register()
        case 3...5: await intake.step()
        case 6...7: await routing.step()
        case 8...9: await deadline.step()
        case 10...11: await notification.step()
        case 12: await fire()
        case 13: await deliver()
        case 14: await scale()
        default:
            if world.chance(0.02) { await loseBroker() }
            guard world.chance(0.1) else { return }
            rubbish += 1
            injected.insert(await broker.enqueue(Array("[{\"rubbish\":\(rubbish)}".utf8), for: Source.allCases[world.pick(4)]))
        }
    }

    /// The broker loses every message it has; each service learns of it and sends again what it keeps.
    private func loseBroker() async {
        world.note("the broker is emptied")
        rubbish -= injected.intersection(await broker.empty()).count
        for house in [intake, routing, deadline, notification] as [any Resending] { await house.resend() }
    }

    private func asking(_ index: Int) -> Asking {
        let words = ["the school roof leaks", "a hole in the road", "there is a fire", "who can help me"]
        let kind = CaseKind.allCases[world.pick(CaseKind.allCases.count)]
        let anonymous = world.chance(0.2)
        // Every fifth repeats an earlier one, word by word, by the same person.
        if index > 0, index % 5 == 0, let earlier = askings.last, !earlier.request.anonymous {
            var repeated = earlier
            repeated.key = ClaimKey(digest: Array("key \(index)".utf8))
            return repeated
        }
        let person = "person-\(index)"
        let title = "\(words[world.pick(words.count)]) \(index)"
        // Some accuse a unit, some are settled where they are raised.
        let accused = world.chance(0.2) ? CaseRegistered.Accused(units: [people.unit()]) : nil
        let settlement =
            world.chance(0.1) ? Registration.Settlement(by: people.clerk, unit: TestCounty.works, answer: people.answer) : nil
        let registration = Registration(
            id: CaseID(world.identifier()), serial: Int64(index + 1), code: "CODE\(index)", kind: kind,
            channel: Channel.allCases[world.pick(Channel.allCases.count)], urgency: world.chance(0.2) ? .emergency : .ordinary,
            title: title, narrative: title, topic: nil, region: nil, occurred: nil, anonymous: anonymous,
            petitioners: anonymous ? [] : [.init(person: person, contact: SealedText(text: "sealed"))],
            fingerprint: anonymous ? nil : ClaimKey(digest: Array("\(person) \(title)".utf8)), accused: accused,
            settlement: accused == nil ? settlement : nil)
        return Asking(request: registration, key: ClaimKey(digest: Array("key \(index)".utf8)), receipt: nil)
    }

    /// A client asks, and asks again with the same key until it gets an answer.
    private func register() async {
        let waiting = askings.indices.filter { askings[$0].receipt == nil }
        let chosen = world.shuffle(waiting).prefix(1 + world.pick(3))
        if chosen.isEmpty { return }
        let requests = chosen.map { index in
            var registration = askings[index].request
            registration.id = CaseID(world.identifier())
            return Request(
                subject: Subject(registration.id), command: IntakeProcess.Command.register(registration),
                idempotency: (askings[index].key, Array("body \(askings[index].key.bytes)".utf8)),
                claims: registration.fingerprint.map { [$0] } ?? [])
        }
        let answers = await intake.withReplica { worker in try? await worker.perform(requests) }
        for (index, answer) in zip(chosen, answers ?? []) {
            switch answer {
            case .success(.done(let bytes)), .success(.repeated(let bytes)):
                askings[index].receipt = RegistrationAnswer(bytes: bytes)?.receipt
            case .success(.refused), .failure: break
            }
        }
    }

    /// Somebody takes a step on some case, lawful or not: what is unlawful is refused, and nothing comes of it.
    private func work() async {
        let known = await routing.store.states.sorted { $0.key < $1.key }
        if known.isEmpty { return }
        let (subject, state) = known[world.pick(known.count)]
        switch world.pick(8) {
        case 0...4:
            let command = people.deskCommand(on: state.life)
            _ = await routing.withReplica { worker in try? await worker.perform([Request(subject: subject, command: command)]) }
        case 5...6:
            let command = people.caseCommand(on: state.life, subject, at: world.now)
            _ = await intake.withReplica { worker in try? await worker.perform([Request(subject: subject, command: .order(command))]) }
        default:
            let command = ExtensionCommand(
                clock: .handle, term: Term(1 + world.pick(40), .day), reason: "r", by: people.head(of: state.life.lead))
            _ = await deadline.withReplica { worker in try? await worker.perform([Request(subject: subject, command: .extend(command))]) }
        }
    }

    private func publish(revised: Bool) async {
        let request = Request(subject: .county, command: IntakeProcess.Command.publish(TestCounty.whole(merged: revised)))
        for _ in 0..<50 {
            let answers = await intake.withReplica { worker in try? await worker.perform([request]) }
            if case .success(.done)? = answers?.first { return }
        }
    }

    private func fire() async {
        let now = world.now
        let due = await deadline.store.states.filter { $0.value.nextRung.map { $0 <= now } ?? false }
            .sorted { ($0.value.nextRung ?? now, $0.key) < ($1.value.nextRung ?? now, $1.key) }.map(\.key)
        if due.isEmpty { return }
        _ = await deadline.withReplica { worker in
            try? await worker.perform(due.map { Request(subject: $0, command: .fire) }, skipsLocked: true)
        }
    }

    private func deliver() async {
        let states = await notification.store.states
        let open = await notification.store.effects.compactMap { effect -> Notice? in
            guard case .notice(let notice) = effect, !delivered.contains(notice.id),
                states[notice.subject]?.settled.contains(notice.id) == false
            else { return nil }
            return notice
        }
        for notice in world.shuffle(open).prefix(5) {
            let fails = world.chance(0.1)
            if !fails, !notice.recipient.isOnRecord {
                delivered.insert(notice.id)
                continue
            }
            let end = NotificationProcess.Settlement(
                notice: notice.id, template: notice.template.rawValue, recipient: notice.recipient, by: "file", attempts: 1,
                failure: fails ? "the simulated gateway said no" : nil)
            _ = await notification.withReplica { worker in
                try? await worker.perform([Request(subject: notice.subject, command: .settle(end))])
            }
        }
    }

    private func scale() async {
        switch world.pick(4) {
        case 0: routing.replicas.count < 3 ? routing.join() : await routing.leave(0)
        case 1: deadline.replicas.count < 3 ? deadline.join() : await deadline.leave(0)
        case 2: intake.replicas.count < 3 ? intake.join() : await intake.leave(0)
        default: notification.replicas.count < 3 ? notification.join() : await notification.leave(0)
        }
    }

    /// Faults end; everything that waits is worked off.
    private func settle() async {
        world.faultRate = 0
        while askings.contains(where: { $0.receipt == nil }) { await register() }
        for _ in 0..<400 {
            await intake.drain()
            await routing.drain()
            await deadline.drain()
            await notification.drain()
            await fire()
            await deliver()
            world.advance(.seconds(31))
            if await isAtRest() { return }
        }
    }

    private func isAtRest() async -> Bool {
        let open = await notification.store.effects.contains { effect in
            guard case .notice(let notice) = effect else { return false }
            return !delivered.contains(notice.id) && !settledNotices.contains(notice.id)
        }
        let stores = [await intake.isAtRest(), await routing.isAtRest(), await deadline.isAtRest(), await notification.isAtRest()]
        settledNotices = Set(await notification.store.states.values.flatMap(\.settled))
        let noMessage = await broker.isEmpty
        return stores.allSatisfy { $0 } && noMessage && !open
    }

    private var settledNotices: Set<NoticeID> = []
}

extension Simulation {
    private func report() async -> Report {
        var report = Report(seed: seed)
        var counties = CountyBook()
        for revised in [false, true] {
            if let edition = try? CountyBook.Edition(TestCounty.whole(merged: revised)) { counties.add(edition) }
        }
        let check = PromiseCheck(counties: counties, now: world.now, intake: intake.process)
        let records = await records()
        for record in records {
            report.violations += check.violations(in: record).map(\.description)
            report.events += record.lines.count
            for line in record.lines { world.note(String(decoding: line.event, as: UTF8.self)) }
        }
        for asking in askings {
            guard let receipt = asking.receipt else {
                report.violations.append("a client never got an answer")
                continue
            }
            if !records.contains(where: { $0.subject == Subject(receipt.id) && $0.receipts == [receipt.number] }) {
                report.violations.append("invariant 1: the receipt \(receipt.number) has no case")
            }
        }
        report.cases = records.count { !$0.receipts.isEmpty }
        if report.cases != Set(askings.map { $0.receipt?.id }).count {
            report.violations.append("\(report.cases) cases exist for \(Set(askings.map { $0.receipt?.id }).count) receipts")
        }
        await rest(&report)
        report.trace = world.trace
        return report
    }

    private func rest(_ report: inout Report) async {
        let outboxes = [
            await intake.store.outbox.count, await routing.store.outbox.count, await deadline.store.outbox.count,
            await notification.store.outbox.count,
        ]
        let held = [
            await intake.store.held.count, await routing.store.held.count, await deadline.store.held.count,
            await notification.store.held.count,
        ]
        let dead = [
            await intake.store.deadLetters.count, await routing.store.deadLetters.count, await deadline.store.deadLetters.count,
            await notification.store.deadLetters.count,
        ]
        if outboxes.contains(where: { $0 > 0 }) { report.violations.append("invariant 8: outboxes hold \(outboxes)") }
        if held.contains(where: { $0 > 0 }) { report.violations.append("invariant 8: held events are left in \(held) subjects") }
        if dead.contains(where: { $0 > 0 }) { report.violations.append("dead letters: \(dead)") }
        let putAside = await broker.undecodable.count
        if putAside < rubbish {
            report.violations.append("\(rubbish) messages of rubbish, \(putAside) put aside")
        }
        // The feed keeps the order of commits, so a case's entries stand in theirs.
        var last: [Subject: Int64] = [:]
        for case .feed(let entry) in await notification.store.effects {
            if entry.sequence != last[entry.subject, default: 0] + 1 {
                report.violations.append("invariant 6: the feed's entries of a case are not in their order")
            }
            last[entry.subject] = entry.sequence
        }
    }

    private func records() async -> [SubjectRecord] {
        var records: [Subject: SubjectRecord] = [:]
        for (subject, state) in await intake.store.states {
            records[subject] = SubjectRecord(subject: subject)
            records[subject]?.intake = state
        }
        for effect in await intake.store.effects {
            switch effect {
            case .line(let line):
                records[line.subject]?.lines.append(
                    .init(position: line.position, event: line.event.wire, previous: line.previous, hash: line.hash))
            case .registration(let subject, let facts): records[subject]?.receipts.append(facts.number)
            case .correction: break
            }
        }
        for (subject, clock) in await intake.store.clocks { records[subject, default: .init(subject: subject)].clocks[.intake] = clock }
        for (subject, clock) in await routing.store.clocks { records[subject, default: .init(subject: subject)].clocks[.routing] = clock }
        for (subject, clock) in await deadline.store.clocks { records[subject, default: .init(subject: subject)].clocks[.deadline] = clock }
        for (subject, clock) in await notification.store.clocks {
            records[subject, default: .init(subject: subject)].clocks[.notification] = clock
        }
        for (subject, state) in await routing.store.states { records[subject]?.routing = state }
        for (subject, state) in await deadline.store.states { records[subject]?.deadline = state }
        for (subject, state) in await notification.store.states { records[subject]?.notification = state }
        var ends: [NoticeID: Bool] = [:]
        for case .settled(let id, let delivered, _) in await notification.store.effects { ends[id] = delivered }
        for effect in await notification.store.effects {
            switch effect {
            case .notice(let notice):
                let phase: SubjectRecord.NoticeRecord.Phase =
                    ends[notice.id].map { $0 ? .delivered : .failed } ?? (delivered.contains(notice.id) ? .delivered : .due)
                records[notice.subject]?.notices.append(
                    .init(id: notice.id, template: notice.template.rawValue, recipient: notice.recipient, phase: phase))
            case .feed(let entry):
                records[entry.subject]?.feed.append(entry.event)
                if entry.circle == nil { records[entry.subject]?.openEntries += 1 }
            case .settled, .withdrawn, .digest: break
            }
        }
        return records.values.sorted { $0.subject < $1.subject }
    }
}
