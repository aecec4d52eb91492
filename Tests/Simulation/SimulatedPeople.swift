import Deadline
import Intake
import Models
import Routing
import TestModels

/// The people of a simulated county: what they ask is chosen by chance, most often what fits the stage, sometimes anything.
struct SimulatedPeople {
    let world: SimulatedWorld

    let answer = AnswerText(claim: "c", facts: "f", opinion: .support, conclusion: "d", basis: "l")
    let clerk = ActingPerson(role: .clerk, unit: TestCounty.desk, person: PersonCode(validated: "clerk"))
    let units = [
        TestCounty.county, TestCounty.desk, TestCounty.education, TestCounty.roads, TestCounty.works, TestCounty.school,
        TestCounty.discipline,
    ]

    func unit() -> UnitCode { units[world.pick(units.count)] }

    func officer(of unit: UnitCode) -> ActingPerson {
        ActingPerson(role: .officer, unit: unit, person: PersonCode(validated: "officer-\(world.pick(3))"))
    }

    func head(of unit: UnitCode) -> ActingPerson {
        ActingPerson(role: .unitHead, unit: unit, person: PersonCode(validated: "head"))
    }

    private func countywide(_ role: Role) -> ActingPerson {
        ActingPerson(role: role, unit: TestCounty.desk, person: PersonCode(validated: "somebody"))
    }

    func deskCommand(on life: CaseLife) -> DeskCommand {
        let orders = world.chance(0.75) ? fitting(life) : anything(life)
        let order = orders[world.pick(orders.count)]
        return DeskCommand(order, by: actor(order.step, life), expected: world.chance(0.1) ? life.revision : nil)
    }

    func caseCommand(on life: CaseLife, _ subject: Subject, at now: Instant) -> CaseCommand {
        let target = MergeTarget(
            id: CaseID(UniqueID(high: 1, low: 1)), number: "1", registered: Instant(microseconds: 0), stage: .accepted,
            hasSamePerson: world.chance(0.8))
        let orders: [CaseOrder] = [
            .addMaterial("more"), .withdraw(reason: nil), .rate(.satisfied, note: nil), .requestReview(reason: "r"),
            .requestFinalReview(reason: "r"), .merge(target), .unmerge(reason: "r"),
            .correct(index: 0, .init(person: "q", contact: SealedText(text: "s"))), .recordService(.post, on: now),
            .recordReturnCall(reached: world.chance(0.5), nil, note: nil), .unmask(reason: "r"),
            .settle(unit: unit(), answer),
        ]
        let fitting: [CaseOrder] =
            switch life.stage {
            case .answered, .notAccepted:
                [
                    .rate(.unsatisfied, note: nil), .requestReview(reason: "r"), .requestFinalReview(reason: "r"),
                    .recordService(.post, on: now),
                ]
            case .merged: [.unmerge(reason: "r")]
            default: [.addMaterial("more"), .unmask(reason: "r"), .merge(target)]
            }
        let chosen = world.chance(0.7) ? fitting : orders
        let order = chosen[world.pick(chosen.count)]
        let isPetitioners = Lifecycle.transition(order.step)?.actors.contains { $0.role == .petitioner } ?? false
        let person = isPetitioners && world.chance(0.9) ? ActingPerson.petitioner : clerk
        return CaseCommand(order, on: subject, by: person, expected: nil)
    }

    func extensionCommand(on life: CaseLife) -> ExtensionCommand {
        ExtensionCommand(
            clock: .handle, term: Term(1 + world.pick(40), .day), reason: "r",
            by: world.chance(0.9) ? head(of: life.lead) : officer(of: unit()))
    }

    /// A clock is stopped, runs again, or is moved to the terms in force.
    func clockCommand(on life: CaseLife) -> ClockCommand {
        let orders: [ClockCommand.Order] = [
            .pause(.finalReview, note: "n"), .resume(.finalReview), .rebase(reason: "r"), .pause(.handle, note: "n"),
        ]
        let order = orders[world.pick(orders.count)]
        let step: CaseStep =
            switch order {
            case .pause: .pauseClock
            case .resume: .resumeClock
            case .rebase: .rebaseClocks
            }
        return ClockCommand(order, by: actor(step, life))
    }

    private func fitting(_ life: CaseLife) -> [DeskOrder] {
        switch life.stage {
        case .registered, .assigned:
            if life.objection != nil { return [.confirmObjection(to: nil), .refuseObjection(reason: "r"), .confirmObjection(to: unit())] }
            return [
                .accept(officer: nil), .accept(officer: nil), .raiseObjection(proposed: unit(), reason: "r"),
                .reassign(to: unit(), reason: "r"),
                .notAccept(.outsidePowers, explanation: "e", lawfulWay: "w"), .redirect(.litigation, explanation: "e"),
                .addCoHandler(unit(), task: "t", workdays: 1 + world.pick(4)),
            ]
        case .accepted:
            return [
                .answer(answer), .answer(answer), .addCoHandler(unit(), task: "t", workdays: 1 + world.pick(4)),
                .answerAsCoHandler(text: "a"),
                .excuseCoHandler(life.awaited.first ?? unit(), reason: "r"), .reassign(to: unit(), reason: "r"), .recuse(reason: "r"),
            ]
        case .underReview: return [.answerReview(answer)]
        case .underFinalReview: return [.answerFinalReview(answer)]
        case .answered, .redirected, .notAccepted:
            return [.close(.explained, note: nil), .close(.redirected, note: nil), .reopen(reason: "r")]
        case .closed, .withdrawn: return [.reopen(reason: "r"), .openAssistance(unit(), task: "t", workdays: 5)]
        case .terminated, .merged: return [.openAssistance(unit(), task: "t", workdays: 5), .endAssistance(serial: 1, outcome: "o")]
        }
    }

    private func anything(_ life: CaseLife) -> [DeskOrder] {
        [
            .supervise(.overdue, note: "n"), .takeCharge, .succeed(from: TestCounty.roads, to: TestCounty.works),
            .succeed(from: life.lead, to: life.desk),
            .answerAsCoHandler(text: "a"),
            .answer(answer), .answerReview(answer), .answerFinalReview(answer), .close(.solved, note: nil), .reopen(reason: "r"),
            .accept(officer: nil), .refuseObjection(reason: "r"), .endAssistance(serial: 1, outcome: "o"),
        ]
    }

    /// Somebody who may take the step, or now and then somebody who may not.
    private func actor(_ step: CaseStep, _ life: CaseLife) -> ActingPerson {
        if world.chance(0.1) { return officer(of: unit()) }
        let actors = (Lifecycle.transition(step)?.actors ?? []).sorted { "\($0)" < "\($1)" }
        guard !actors.isEmpty else { return clerk }
        let actor = actors[world.pick(actors.count)]
        switch actor.standing {
        case .leadUnit: return actor.role == .officer ? officer(of: life.lead) : head(of: life.lead)
        case .coHandlingUnit: return officer(of: life.awaited.first ?? unit())
        case .assistingUnit: return officer(of: life.assistance.first(where: \.isOpen)?.unit ?? unit())
        case .reviewingUnit: return officer(of: life.reviewer ?? unit())
        case .commonSuperior: return head(of: TestCounty.county)
        case .petitioner: return .petitioner
        case .county:
            if actor.role == .dispatcher {
                return ActingPerson(role: .dispatcher, unit: life.desk, person: PersonCode(validated: "dispatcher"))
            }
            return countywide(actor.role)
        }
    }
}
