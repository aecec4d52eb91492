import Models
import TestSupport
import Testing

@testable import Intake
@testable import Operator

@Suite("An import of sessions from the field")
struct FieldImportTests {
    /// 2026-11-30 09:00 in China lies before the moment at which it is imported.
    private let file = #"""
        {"sessions": [{"id": "0193a000-0000-7000-8000-000000000001", "kind": "visit", "level": "county", "leader": "l-1",
          "unit": "county", "place": "桥头村", "starts": "2026-11-30T09:00:00+08:00", "ends": "2026-11-30T12:00:00+08:00", "units": ["roads"],
          "attended": [{"unit": "roads"}, {"unit": "edu", "absent": true}],
          "policies": [{"title": "医保", "reached": 30}, {"title": "医保", "reached": 30}],
          "visitors": [
            {"id": "0193a000-0000-7000-8000-000000000002", "name": "李四", "phone": "13900001234", "cases": [
              {"id": "0193a000-0000-7000-8000-000000000003", "kind": "help", "title": "灯", "narrative": "暗"}]},
            {"id": "0193a000-0000-7000-8000-000000000004", "left": true}],
          "cases": [{"id": "0193a000-0000-7000-8000-000000000005", "kind": "suggestion", "title": "桥", "narrative": "修"}],
          "closed": {"summary": "听取意见", "reached": 32}}]}
        """#
    private let session = Subject(UniqueID(high: 0x0193_A000_0000_7000, low: 0x8000_0000_0000_0001))

    private func record(_ intake: PlayedIntake) throws -> SessionRecord { try #require(intake.states[session]?.session) }

    @Test("records the session, its visitors and its cases in the order in which they belong")
    func whole() async throws {
        let intake = try PlayedIntake()

        let (tally, said) = try await intake.take(file)

        #expect(said == [])
        #expect(tally.sessions == .init(recorded: 1))
        #expect(tally.entries == .init(recorded: 8))
        #expect(tally.cases == .init(recorded: 2))
        let record = try record(intake)
        #expect(record.phase == .closed)
        #expect(record.opened == Instant("2026-11-30T01:00:00Z"))
        #expect(record.visitors.map(\.phase) == [.served, .left])
        #expect(record.cases.count == 2)
        #expect(record.visitors.first?.case == record.cases.first)
        #expect(record.policies.count == 2)
        let lamp = try #require(intake.cases["field-0193a000-0000-7000-8000-000000000003"]?.body)
        #expect(lamp["session"]?.plain == session.description)
        #expect(lamp["channel"]?.plain == "household-visit")
        #expect(lamp["petitioners"]?.text == #"[{"name":"李四","phone":"13900001234"}]"#)
        #expect(intake.cases["field-0193a000-0000-7000-8000-000000000005"]?.body["anonymous"] == true)
    }

    @Test("changes nothing when it is repeated")
    func repeated() async throws {
        let intake = try PlayedIntake()
        _ = try await intake.take(file)
        let (state, changes) = (intake.states, intake.changes)

        let (tally, said) = try await intake.take(file)

        #expect(said == [])
        #expect(intake.changes == changes)
        #expect(intake.states == state)
        #expect(tally.sessions == .init(known: 1))
        #expect(tally.entries == .init(known: 8))
        #expect(tally.cases == .init(known: 2))
    }

    @Test("may be broken off after any answer, and comes to the same end", arguments: 0..<15)
    func brokenOff(answers: Int) async throws {
        let whole = try PlayedIntake()
        _ = try await whole.take(file)
        let intake = try PlayedIntake()
        intake.answers = answers

        await #expect(throws: CommandFailure.self) { try await intake.take(file, patience: .zero) }
        intake.answers = .max
        let (_, said) = try await intake.take(file)

        #expect(said == [])
        #expect(try record(intake).entries.count == record(whole).entries.count)
        #expect(try record(intake).phase == .closed)
        #expect(try record(intake).visitors.map(\.phase) == [.served, .left])
        #expect(intake.cases.count == 2)
    }

    @Test("names a bad entry with its place, records the others, and leaves the session open until it is mended")
    func badEntries() async throws {
        let intake = try PlayedIntake()
        let bad = file.replacing(#""reached": 30}, {"#, with: #""reached": -1}, {"#).replacing(#", "narrative": "修""#, with: "")

        let (tally, said) = try await intake.take(bad)

        #expect(tally.entries.rejected == 1)
        #expect(tally.cases == .init(recorded: 1, rejected: 1))
        #expect(said.count == 3)
        #expect(said.contains { $0.hasPrefix("/sessions/0/policies/0: /reached: ") })
        #expect(said.contains("/sessions/0/cases/0: /narrative: narrative is missing"))
        #expect(said.contains { $0.hasPrefix("/sessions/0: the session stays open") })
        #expect(try record(intake).phase == .open)
        let (mended, nothing) = try await intake.take(file)
        #expect(nothing == [])
        #expect(mended.cases == .init(recorded: 1, known: 1))
        #expect(try record(intake).phase == .closed)
    }

    @Test("rejects a case that fails for longer than its patience, by its place, and registers the others")
    func failingCase() async throws {
        let intake = try PlayedIntake()
        intake.failing = ["field-0193a000-0000-7000-8000-000000000005"]

        let (tally, said) = try await intake.take(file, patience: .zero)

        #expect(tally.cases == .init(recorded: 1, rejected: 1))
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("/sessions/0/cases/0: intake could not register this case for ") == true)
        intake.failing = []
        let (mended, nothing) = try await intake.take(file)
        #expect(mended.cases == .init(recorded: 1, known: 1))
        #expect(nothing == [])
    }

    @Test("does not stop at a session that intake refuses")
    func badSession() async throws {
        let intake = try PlayedIntake()
        let second = try #require(file.split(separator: "[", maxSplits: 1).last?.dropLast(2))
        let both =
            #"{"sessions": ["# + second.replacing("\"roads\"]", with: "\"moon\"]").replacing("-8000-", with: "-9000-") + "," + second + "]}"

        let (tally, said) = try await intake.take(both)

        #expect(tally.sessions == .init(recorded: 1, rejected: 1))
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("/sessions/0: ") == true && said.first?.contains("moon") == true)
        #expect(try record(intake).phase == .closed)
    }
}
