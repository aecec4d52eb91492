import Models
import TestSupport
import Testing

/// What the national pack's clocks do, in the order in which deadline states it.
enum ClockLines {
    /// Registered and assigned.
    static let assigned = ["started dispose", "started inform", "started objection"]
    /// Then accepted, not accepted or withdrawn.
    static let decided = assigned + ["met dispose", "met inform", "met objection"]
    /// Then accepted and answered, a claim.
    static let answered = decided + ["started handle", "met handle"]
}

extension StoryWalk {
    /// Who wrote a claim hears of each of these.
    static let told = ["receipt", "accepted", "answered", "closed"].map { "delivered \($0) petitioner" }

    /// Holds the whole ledger of a case that has come to its end against what it must be, and has it verified.
    ///
    /// - Parameters:
    ///   - steps: what intake and routing state, in the order of the lines: each step was taken after the one before was known to both.
    ///   - clocks: what deadline states, in order.
    ///   - notices: what notification states, in any order.
    ///   - person: somebody who may know of the case; of a confidential one the operator, who verifies, does not.
    func ends(
        _ found: StaffDesk.Case, steps: [String], clocks: [String], notices: [String] = [], seenBy person: StaffDesk.Person = .dispatcher,
        isConfidential: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        func all() async throws -> CaseLedger { try await desk.caseLedger(of: found, by: person) }
        do {
            try await eventually(within: .seconds(30), "the last line of \(found.number)", sourceLocation: sourceLocation) {
                try await all().lines.count >= steps.count + clocks.count + notices.count
            }
        } catch is CancellationError {}
        let ledger = try await all()

        #expect(ledger.steps == steps, sourceLocation: sourceLocation)
        #expect(ledger.clocks == clocks, sourceLocation: sourceLocation)
        #expect(ledger.notices == notices.sorted(), sourceLocation: sourceLocation)
        #expect(ledger.isLinear, sourceLocation: sourceLocation)
        // The file of the ledger, and where the operator may know of the case the ledger against the case as well.
        _ = try await desk.ledger(of: found, by: person)
        let verified = try await house.run(["ledger", "verify", found.number])
        #expect((verified.code == 0) != isConfidential, "\(verified.err)", sourceLocation: sourceLocation)
    }

    /// Closes a case as soon as routing has heard that the petitioner was heard.
    func close(_ found: StaffDesk.Case, by person: StaffDesk.Person, as outcome: String = "solved") async throws {
        try await eventually(within: .seconds(20), "routing has heard that the petitioner was heard") {
            try await self.desk.take("close", of: found, by: person, .object(["outcome": .string(outcome)]), expecting: nil).status == 200
        }
        try await desk.until("closed", of: found, by: person)
    }

    /// Answers a case that its unit has accepted; the petitioner rates the answer, and the case is closed.
    func answerAndClose(_ found: StaffDesk.Case, by unit: String) async throws {
        try await desk.take("answer", of: found, by: .officer(unit), Self.answer)
        try await desk.until("answered", of: found)
        try await desk.petition("rate", of: found, .object(["satisfaction": "satisfied"]))
        try await close(found, by: .head(unit))
    }
}
