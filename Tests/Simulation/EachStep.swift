import CaseFlow
import Deadline
import InMemory
import Intake
import Models
import Notification
import Operator
import Routing

/// Holds the house to what is promised at every moment: after each step, for each subject that a commit has touched.
final class EachStep {
    private var book = RecordBook()

    func violations(in simulation: Simulation) async -> [Violation] {
        await book.refresh(from: simulation)
        let touched = simulation.world.touched.sorted()
        simulation.world.touched = []
        let check = PromiseCheck(counties: simulation.county.book, now: simulation.world.now, intake: simulation.intake.process)
        var found = book.leaks + simulation.outsideViolations(book)
        for subject in touched {
            let record = await book.record(of: subject, in: simulation)
            found += check.momentaryViolations(in: record) + book.feedOrder(of: subject)
            let events = book.emitted[subject] ?? []
            let counties = simulation.county.book
            found += Self.compare(simulation.intake.process, record, counties)
            found += Self.compare(simulation.routing.process, record.routing, record, events, counties)
            found += Self.compare(simulation.deadline.process, record.deadline, record, events, counties)
            found += Self.compare(simulation.notification.process, record.notification, record, events, counties)
        }
        let cases = await simulation.intake.store.states
        for receipt in simulation.petitions.flatMap(\.receipts) where cases[Subject(receipt.id)]?.file?.number != receipt.number {
            found.append(Violation(1, Subject(receipt.id), "the receipt \(receipt.number) has no case"))
        }
        return found
    }

    /// Invariant 7 of intake, which applies events in the order of its ledger.
    private static func compare(_ process: IntakeProcess, _ record: SubjectRecord, _ counties: CountyBook) -> [Violation] {
        var state: IntakeState?
        do throws(EventError) {
            for line in record.lines {
                let event = try CaseEvent(wire: line.event)
                _ = try process.apply(event, to: &state, in: FlowContext(now: event.time, counties: counties))
            }
        } catch { return [Violation(7, record.subject, "the ledger cannot be applied again by intake: \(error)")] }
        return state == record.intake ? [] : [Violation(7, record.subject, "the ledger gives another state than intake remembers")]
    }

    /// Invariants 2, 3 and 7 of another service: what it has applied was sent, can be applied in an order that its causes allow, and gives
    /// what it remembers.
    private static func compare<P: CaseProcess>(
        _ process: P, _ stored: P.State?, _ record: SubjectRecord, _ events: [CaseEvent], _ counties: CountyBook
    ) -> [Violation] {
        let reader = process.source
        let goal = record.clocks[reader]?.positions ?? SourcePositions()
        var clock = CaseClock()
        var state: P.State?
        var left = events.filter { $0.sequence <= goal[$0.source] && ($0.source == reader || reader.hears.contains($0.source)) }
        for source in Source.allCases where goal[source] > 0 {
            let sequences = left.filter { $0.source == source }.map(\.sequence)
            if sequences != Array(1...goal[source]) {
                return [Violation(2, record.subject, "\(reader) has applied \(goal[source]) events of \(source), sent were \(sequences)")]
            }
        }
        while !left.isEmpty {
            // What it stated itself it applied at once, as soon as it knew what that came after.
            func isReady(_ event: CaseEvent) -> Bool {
                Gate.judge(event, reader: reader, clock: clock, knowsCounty: true) == .ready
            }
            guard let next = left.firstIndex(where: { $0.source == reader && isReady($0) }) ?? left.firstIndex(where: isReady) else {
                return [Violation(3, record.subject, "\(reader) has applied an event before what it came after")]
            }
            let event = left.remove(at: next)
            clock.positions[event.source] = event.sequence
            do throws(EventError) {
                _ = try process.apply(event, to: &state, in: FlowContext(now: event.time, counties: counties))
            } catch {
                return [Violation(7, record.subject, "what was sent cannot be applied again by \(reader): \(error)")]
            }
        }
        return state == stored ? [] : [Violation(7, record.subject, "what was sent gives another state than \(reader) remembers")]
    }
}

extension Simulation {
    /// What can be seen from outside at any moment: letters, logs, receipts.
    func outsideViolations(_ book: RecordBook) -> [Violation] {
        var found: [Violation] = []
        for id in gateway.letters.keys.sorted() where !book.noticeIDs.contains(id) {
            found.append(Violation(6, gateway.letters[id]?.subject, "a letter was posted under an identifier that no notice has"))
        }
        if let line = logs.leaks.first { found.append(Violation(9, nil, "a petitioner's words stand in the log: \(line)")) }
        for petition in petitions where Set(petition.receipts.map(\.id)).count > 1 {
            found.append(Violation(1, nil, "petition \(petition.number) was given two different receipts"))
        }
        return found
    }
}
