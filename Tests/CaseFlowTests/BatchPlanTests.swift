import CaseFlow
import Models
import Testing

/// A process that adds up numbers, refuses negative ones, and answers every tenth with a fact of its own.
struct Adder: CaseProcess {
    struct Number: EventFacts {
        static var type: String { "case.registered" }
        var value: Int
    }

    struct Tenth: EventFacts {
        static var type: String { "case.assigned" }
        var sum: Int
    }

    enum Command: Sendable { case add(Int) }

    let source = Source.routing

    func apply(_ event: CaseEvent, to state: inout Int?, in context: FlowContext) throws(EventError) -> Consequences<String> {
        guard event.type == Number.type else { return Consequences(effects: ["told"]) }
        let value = try event.facts(Number.self).value
        if value < 0 { throw EventError(reason: "negative") }
        state = (state ?? 0) + value
        return Consequences(facts: value % 10 == 0 ? [Tenth(sum: state ?? 0)] : [], effects: ["added \(value)"])
    }

    func decide(_ command: Command, on state: Int?, in context: FlowContext) throws(Refusal) -> Decision {
        switch command {
        case .add(let value):
            if value > 100 { throw Refusal(.invalid, rule: "too-large", sentence: "too large") }
            return Decision(facts: [Number(value: value)], answer: Array("\(value)".utf8))
        }
    }
}

@Suite("A unit of work")
struct BatchPlanTests {
    private let subject = Subject(UniqueID(high: 5, low: 5))

    private func event(_ sequence: Int64, _ value: Int) throws -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: 9, low: UInt64(sequence))), source: .intake, subject: subject, type: Adder.Number.type, version: 1,
            time: Instant(microseconds: 1), sequence: sequence, after: .init(), county: "", traceparent: "t",
            data: try Adder.Number(value: value).bytes())
    }

    private func plan(_ clock: CaseClock = CaseClock(), state: Int? = nil, held: [CaseEvent] = []) -> BatchPlan<Adder> {
        var loaded = Loaded<Int>(now: Instant(microseconds: 7), counties: CountyBook(), clocks: [subject: clock], states: [:])
        loaded.states[subject] = state
        if !held.isEmpty { loaded.held[subject] = held }
        return BatchPlan(process: Adder(), loaded: loaded, identifiers: RandomIdentifiers())
    }

    @Test("applies any order of deliveries in the order of the source, once each", arguments: 0..<24)
    func anyOrder(permutation: Int) throws {
        var (rest, order, number) = (Array(Int64(1)...4), [Int64](), permutation)
        for size in [4, 3, 2, 1] {
            order.append(rest.remove(at: number % size))
            number /= size
        }
        var plan = plan()

        for sequence in order + order { plan.receive(try event(sequence, Int(sequence))) }
        let changes = plan.finish()

        #expect(changes.effects == ["added 1", "added 2", "added 3", "added 4"])
        #expect(changes.states.map(\.state) == [10])
        #expect(changes.clocks.first?.clock.positions[.intake] == 4)
        #expect(changes.held.isEmpty && changes.released.isEmpty)
    }

    @Test("holds what comes too early and says so in the clock row")
    func holds() throws {
        var plan = plan()

        plan.receive(try event(3, 3))
        let changes = plan.finish()

        #expect(changes.held.map(\.event.sequence) == [3])
        #expect(changes.clocks.first?.clock.held == 1)
        #expect(changes.states.isEmpty)
    }

    @Test("releases stored events when their predecessor comes")
    func releases() throws {
        let early = try event(2, 2)
        var plan = plan(CaseClock(held: 1), held: [early])

        plan.receive(try event(1, 1))
        let changes = plan.finish()

        #expect(changes.effects == ["added 1", "added 2"])
        #expect(changes.released == [early.id])
        #expect(changes.clocks.first?.clock.held == 0)
    }

    @Test("buries a bad event alone, with nothing of it stored, and holds its successors")
    func buries() throws {
        var plan = plan()

        for (sequence, value) in [(1, 5), (2, -1), (3, 7)] { plan.receive(try event(Int64(sequence), value)) }
        let changes = plan.finish()

        #expect(changes.deadLetters.map(\.reason) == ["negative"])
        #expect(changes.held.map(\.event.sequence) == [3])
        #expect(changes.effects == ["added 5"])
        #expect(changes.clocks.first?.clock.positions[.intake] == 1)
        #expect(changes.clocks.first?.clock.dead == 1)
    }

    @Test("applies what the process emits in the same unit, with its causes")
    func emits() throws {
        var plan = plan()

        plan.receive(try event(1, 10))
        let changes = plan.finish()

        #expect(changes.effects == ["added 10", "told"])
        #expect(changes.clocks.first?.clock.positions[.routing] == 1)
        let sent = try #require(changes.outbox.first)
        guard case .event(let emitted) = try #require(EventBundle.unpack(sent.body).first) else { return #expect(Bool(false)) }
        #expect(emitted.after[.intake] == 1 && emitted.sequence == 1 && emitted.traceparent == "t")
    }

    @Test("answers a repeated idempotency key as before, and refuses it for another body")
    func idempotency() {
        let key = ClaimKey(digest: [1])
        var plan = plan()
        func request(_ value: Int, _ digest: [UInt8]) -> Request<Adder.Command> {
            Request(subject: subject, command: .add(value), idempotency: (key, digest))
        }

        let first = plan.perform(request(4, [1]))
        let again = plan.perform(request(4, [1]))
        let other = plan.perform(request(5, [2]))
        let refused = plan.perform(Request(subject: subject, command: .add(1000)))
        let changes = plan.finish()

        #expect(first == .done(Array("4".utf8)) && again == .repeated(Array("4".utf8)))
        guard case .refused(let refusal) = other, case .refused = refused else { return #expect(Bool(false)) }
        #expect(refusal.rule == "idempotency-key-reused")
        #expect(changes.claims.count == 1 && changes.states.map(\.state) == [4])
    }
}
