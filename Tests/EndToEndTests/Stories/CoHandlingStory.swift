import Models
import NIOHTTP1
import ServiceKit
import TestSupport
import Testing

/// A case with two co-handling units, of which one answers and the other is late.
extension StoryWalk {
    /// Asks both units for help under a clock of about a minute, and leaves the one that does not answer to it until it has passed.
    ///
    /// Which days are worked, and where they end, is what the county in force says: the leap stays in force until then.
    func beginCoHandling() async throws -> StaffDesk.Case {
        // Where a minute is over before everybody was asked, another case has more of them.
        for minutes: Int64 in [1, 5] {
            let leap = SystemTime.now.microseconds / 1_000_000 + minutes * 60
            try await county.putInForce(try county.leaping(at: leap), in: house)
            // Sent again under its key, an order that was given before does not undo this one.
            try await county.putInForce(county.plain, in: house, key: "plain")
            let found = try await askForHelp(leap)
            let isInTime = SystemTime.now.microseconds / 1_000_000 < leap
            if isInTime {
                try await eventually(within: .seconds(360), "the clock of the traffic police has passed") {
                    try await self.desk.caseLedger(of: found).clocks.contains("passed co-handle")
                }
            }
            try await county.putInForce(county.plain, in: house)
            if isInTime { return found }
        }
        throw RunningHouse.Trouble.notStarted("the house is too slow for a clock of five minutes")
    }

    private func askForHelp(_ leap: Int64) async throws -> StaffDesk.Case {
        let (status, found, _) = try await desk.register(form("学校校车不安全 \(leap)"))
        #expect(status == 201)
        try await desk.until("assigned", "education", of: found)
        try await desk.take("accept", of: found, by: .officer("education"))
        try await desk.until("accepted", of: found)
        func add(_ unit: String) async throws {
            try await desk.take(
                "add-co-handler", of: found, by: .head("education"), .object(["unit": .string(unit), "task": "核实", "workdays": 5]))
        }
        try await add("transport")
        let page = try await desk.get("/v1/desk", at: .routing, by: .officer("transport"))
        if case .array(let cases)? = page.json?["cases"] {
            #expect(cases.contains { $0["id"]?.string == found.id })
        } else {
            Issue.record("the desk of transport: \(page.status)")
        }
        try await desk.take("answer-as-co-handler", of: found, by: .officer("transport"), .object(["text": "属实"]))
        try await add("traffic-police")
        try await desk.take("answer", of: found, by: .officer("education"), Self.answer, expecting: 409)
        return found
    }

    /// Goes on when the clock of the late unit has passed.
    func endCoHandling(_ found: StaffDesk.Case) async throws {
        try await eventually(within: .seconds(60), "the unit's own clock is counted by the days that end as ever") {
            try await self.desk.caseLedger(of: found).clocks.contains("rebased handle")
        }
        let passed = try await desk.caseLedger(of: found).lines.filter { $0.type == "clock.passed" }
        #expect(passed.map { $0.data["unit"]?.string } == ["traffic-police"] && passed.first?.data["daysLate"]?.number == 0)
        for told in ["passed unit:traffic-police", "passed unit:education", "warned unit:traffic-police", "warned unit:education"] {
            try await eventually("\(told) is told") { self.house.notices(of: found.number).contains(told) }
        }
        #expect(!house.notices(of: found.number).contains("passed unit:transport"))

        // Late as it is, its answer is owed until it is excused.
        try await desk.take("answer", of: found, by: .officer("education"), Self.answer, expecting: 409)
        try await desk.take(
            "excuse-co-handler", of: found, by: .head("education"), .object(["unit": "traffic-police", "reason": "逾期未复"]))
        try await desk.take("answer", of: found, by: .officer("education"), Self.answer)
        try await desk.until("answered", of: found)
        try await desk.take("record-return-call", of: found, at: .intake, by: .clerk, .object(["reached": true]))
        try await close(found, by: .head("education"))

        try await ends(
            found,
            steps: [
                "case.registered", "case.assigned", "case.accepted", "co-handling.assigned", "co-handling.answered",
                "co-handling.assigned", "co-handling.excused", "case.answered", "return-call.made", "case.closed",
            ],
            clocks: ClockLines.decided + [
                "started handle", "started co-handle", "met co-handle", "started co-handle", "warned co-handle", "passed co-handle",
                "rebased handle", "met co-handle", "met handle",
            ],
            notices: Self.told + ["delivered rescheduled petitioner"])
    }
}
