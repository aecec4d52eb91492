import CaseFlow
import Deadline
import InMemory
import Intake
import Models
import Notification
import Operator
import Routing

extension Simulation {
    /// Holds the house, which is at rest, to the whole promise.
    func report() async -> Report {
        var report = Report(seed: scenario.seed)
        let check = PromiseCheck(counties: county.book, now: world.now, intake: intake.process)
        var book = RecordBook()
        await book.refresh(from: self)
        report.violations = book.leaks + outsideViolations(book)
        var known: Set<Subject> = []
        for house in [await intake.store.clocks, await routing.store.clocks, await deadline.store.clocks, await notification.store.clocks] {
            known.formUnion(house.keys)
        }
        var numbers: [Subject: [String]] = [:]
        for subject in known.sorted() {
            let record = await book.record(of: subject, in: self)
            report.violations += check.violations(in: record) + book.feedOrder(of: subject) + secrets(record)
            report.violations += undelivered(record)
            report.events += record.lines.count
            for line in record.lines { world.note(line.event) }
            for event in book.emitted[subject] ?? [] { report.types[event.type, default: 0] += 1 }
            if !record.receipts.isEmpty { numbers[subject] = record.receipts }
        }
        report.cases = numbers.count
        for petition in petitions {
            guard let receipt = petition.receipt else {
                report.violations.append(Violation(1, nil, "petition \(petition.number) never got an answer"))
                continue
            }
            if numbers[Subject(receipt.id)] != [receipt.number] {
                report.violations.append(Violation(1, Subject(receipt.id), "the receipt \(receipt.number) has no case"))
            }
        }
        let receipts = Set(petitions.compactMap { $0.receipt?.id })
        if report.cases != receipts.count {
            report.violations.append(Violation(1, nil, "\(report.cases) cases exist for \(receipts.count) receipts"))
        }
        report.violations += await leftovers()
        return report
    }

    /// Invariant 8: nothing waits any more, and nothing was thrown away.
    private func leftovers() async -> [Violation] {
        var found: [Violation] = []
        for house in houses {
            let (outbox, held, dead) = await house.leftovers()
            if outbox > 0 { found.append(Violation(8, nil, "the outbox of \(house.source) holds \(outbox) rows")) }
            if held > 0 { found.append(Violation(8, nil, "\(house.source) holds events of \(held) subjects")) }
            if dead > 0 { found.append(Violation(8, nil, "\(house.source) has \(dead) dead letters")) }
        }
        let putAside = await broker.undecodable.count
        if putAside < rubbish { found.append(Violation(8, nil, "of \(rubbish) messages of rubbish \(putAside) were put aside")) }
        return found
    }

    /// Invariant 6 towards the outside: what counts as delivered was posted.
    private func undelivered(_ record: SubjectRecord) -> [Violation] {
        record.notices.filter { $0.phase == .delivered && gateway.letters[$0.id] == nil }.map {
            Violation(6, record.subject, "a \($0.template) notice counts as delivered and was never posted")
        }
    }

    /// Invariant 9: what one petitioner wrote stands in the ledger of no other matter.
    private func secrets(_ record: SubjectRecord) -> [Violation] {
        guard let first = record.lines.first else { return [] }
        let own = Petition.marks(in: first.event)
        let isLeaking = record.lines.dropFirst().contains { !Petition.marks(in: $0.event).isSubset(of: own) }
        return isLeaking ? [Violation(9, record.subject, "words of another petitioner stand in its ledger")] : []
    }
}
