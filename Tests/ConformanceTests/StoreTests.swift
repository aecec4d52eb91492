import CaseFlow
import Models
import TestSupport
import Testing

/// What every store promises, asked of both alike.
@Suite("A store", .timeLimit(.minutes(3)))
struct StoreTests {
    private let first = Subject(UniqueID(high: 1, low: 1))
    private let second = Subject(UniqueID(high: 2, low: 2))

    private func message(_ text: String, _ exchange: OutboundMessage.Exchange = .events) -> OutboundMessage {
        OutboundMessage(exchange: exchange, routingKey: "intake", contentType: EventBundle.contentType, body: Array(text.utf8))
    }

    private func event(_ sequence: Int64, county: String = "") -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: 7, low: UInt64(sequence))), source: .intake, subject: first, type: "case.registered", version: 1,
            time: Instant(microseconds: 1), sequence: sequence, after: .init(), county: county, traceparent: nil, data: Array("{}".utf8))
    }

    @Test("shows the next unit of work all that one has stored", arguments: StoreKind.allCases)
    func stores(kind: StoreKind) async throws {
        try await kind.with { store in
            let clock = CaseClock(positions: SourcePositions(intake: 3, routing: 1), held: 1, dead: 1)
            let (early, letter) = (event(5), DeadLetter(event: event(4), reason: "does not fit", at: Instant(microseconds: 2)))
            let key = ClaimKey(digest: [UInt8](repeating: 9, count: 32))
            let claim = Claim(key: key, digest: [1], subject: first, answer: Array("answer".utf8), expires: nil)

            let before = try await store.store(WorkScope(subjects: [second, first], claims: [key])) { changes in
                changes.clocks = [(first, clock)]
                changes.states = [(first, 42)]
                changes.effects = ["told"]
                changes.held = [(early, false)]
                changes.deadLetters = [letter]
                changes.claims = [claim]
            }
            let after = try await store.store(WorkScope(subjects: [first, second], claims: [key]))

            #expect(before.found.clocks == [first: CaseClock(), second: CaseClock()])
            #expect(before.found.states.isEmpty && before.found.claims.isEmpty)
            #expect(after.found.clocks == [first: clock, second: CaseClock()])
            #expect(after.found.states == [first: 42])
            #expect(after.found.held == [first: [early]])
            #expect(after.found.dead == [first: [letter.event.id]])
            #expect(after.found.claims == [key: claim])
        }
    }

    @Test(
        "stores nothing of a unit of work whose claim another took first, and says that it may be tried again",
        arguments: StoreKind.allCases)
    func atomic(kind: StoreKind) async throws {
        try await kind.with { store in
            let claim = Claim(key: ClaimKey(digest: [7]), digest: [], subject: first, answer: [], expires: nil)
            try await store.store(WorkScope(subjects: [second])) { $0.claims = [claim] }

            let failure = await #expect(throws: StoreFailure.self) {
                try await store.store(WorkScope(subjects: [first])) { changes in
                    changes.claims = [claim]
                    changes.states = [(first, 1)]
                    changes.outbox = [message("lost")]
                }
            }

            #expect(failure?.isRetryable == true)
            #expect(try await store.store(WorkScope(subjects: [first])).found.states.isEmpty)
            #expect(try await store.resend() == 0)
        }
    }

    @Test("gives back outbox rows in the order of the messages, and leaves fresh ones to who wrote them", arguments: StoreKind.allCases)
    func outbox(kind: StoreKind) async throws {
        try await kind.with { store in
            let messages = (0..<50).map { message("\($0)", $0 % 2 == 0 ? .events : .feed) }

            let rows = try await store.store(WorkScope(subjects: [first])) { $0.outbox = messages }.outbox

            #expect(rows.map(\.message) == messages)
            #expect(try await store.takeOutbox(.services, limit: 100).isEmpty)
        }
    }

    @Test("gives each lane its own rows", arguments: StoreKind.allCases)
    func lanes(kind: StoreKind) async throws {
        try await kind.with { store in
            try await store.store(WorkScope(subjects: [first])) { $0.outbox = [message("1"), message("2", .feed)] }
            _ = try await store.resend()

            #expect(try await store.takeOutbox(.feed, limit: 9).isEmpty)
            #expect(try await store.takeOutbox(.services, limit: 9).map(\.message) == [message("1")])
        }
    }

    @Test("sends again what went to the other services, to one taker at a time", arguments: StoreKind.allCases)
    func resends(kind: StoreKind) async throws {
        try await kind.with { store in
            let messages = [message("1"), message("2", .feed), message("3")]
            let rows = try await store.store(WorkScope(subjects: [first])) { $0.outbox = messages }.outbox
            try await store.forgetOutbox(rows.map(\.id))

            let count = try await store.resend()
            let taken = try await store.takeOutbox(.services, limit: 1)
            let others = try await store.takeOutbox(.services, limit: 9)

            #expect(count == 2)
            #expect((taken + others).map(\.message) == [messages[0], messages[2]])
            #expect(try await store.takeOutbox(.services, limit: 9).isEmpty)
        }
    }

    @Test("keeps a new sending when the confirm of an old one comes late", arguments: StoreKind.allCases)
    func lateConfirm(kind: StoreKind) async throws {
        try await kind.with { store in
            let rows = try await store.store(WorkScope(subjects: [first])) { $0.outbox = [message("1")] }.outbox
            _ = try await store.resend()

            try await store.forgetOutbox(rows.map(\.id))

            #expect(try await store.takeOutbox(.services, limit: 9).map(\.message) == [message("1")])
        }
    }

    @Test("names subjects whose held events wait for a county version once that is here", arguments: StoreKind.allCases)
    func releases(kind: StoreKind) async throws {
        try await kind.with { store in
            let edition = try CountyBook.Edition(TestCounty.definition())
            let waiting = event(1, county: edition.index.version)
            try await store.store(WorkScope(subjects: [first])) { changes in
                changes.held = [(waiting, true)]
                changes.clocks = [(first, CaseClock(held: 1))]
            }
            let before = try await store.releasable(limit: 9)
            try await store.store(WorkScope(subjects: [.county])) { $0.counties = [(edition, 1)] }

            #expect(before.isEmpty)
            #expect(try await store.releasable(limit: 9) == [first])
            let found = try await store.store(WorkScope(subjects: [first])).found
            #expect(found.counties.current?.index.version == edition.index.version)
        }
    }

    @Test("skips what it has never heard of when told not to wait", arguments: StoreKind.allCases)
    func skips(kind: StoreKind) async throws {
        try await kind.with { store in
            try await store.store(WorkScope(subjects: [second])) { $0.states = [(second, 2)] }

            let found = try await store.store(WorkScope(subjects: [first, second], skipsLocked: true)).found

            #expect(found.clocks.keys.sorted() == [second])
        }
    }
}
