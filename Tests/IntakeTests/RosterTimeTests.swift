import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Intake

@Suite("The time of the roster", .timeLimit(.minutes(5)))
struct RosterTimeTests {
    @Test("holds what is held within it, also what began before, and nothing that only touches it")
    func overlap() async throws {
        let (day, noon) = (Duration.seconds(86_400), PlayedSession.starts)
        let times = noon..<(noon + day * 90)
        /// The session's beginning and end, in days from the first one asked for.
        let spans: [(from: Int, to: Int, isHeld: Bool)] = [
            (-300, 60, true), (-1, 1, true), (-2, 0, false), (0, 1, true), (89, 95, true), (90, 91, false), (-9, 200, true),
        ]
        let states = try spans.enumerated().map { index, span in
            var session = try PlayedSession()
            try session.give(.plan(PlayedSession.plan(starts: noon + day * span.from, ends: noon + day * span.to)))
            if index != 6 { try session.give(.publish) }
            return (subject: Subject(UniqueID(high: 7, low: UInt64(index))), state: try #require(session.state))
        }
        try await CaseShelf.with(try CountyIndex(TestCounty.definition())) { shelf in
            try await shelf.client.run(try IntakeTables().statements(saving: states, effects: []))

            let shown = try await SessionQueries(client: shelf.client).roster(times)

            #expect(shown.map(\.id) == [0, 1, 3, 4].map { states[$0].subject })
        }
    }
}
