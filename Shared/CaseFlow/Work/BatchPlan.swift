import Models

/// One unit of work in memory: gates and applies events, decides commands, and gathers everything to store.
///
/// A pure value between a store's load and its commit. An event or command takes effect as a whole or not at all: what
/// it changed is thrown away when any part of it fails.
public struct BatchPlan<Process: CaseProcess> {
    /// A state that does not change any more: handed around for the price of a reference, where a copy counts each of its parts.
    private final class Kept {
        let state: Process.State

        init(_ state: Process.State) { self.state = state }
    }

    /// What the plan knows of one subject.
    private struct Subjects {
        var clock: CaseClock
        var kept: Kept?
        /// What was loaded.
        let begun: Kept?
        var held: [CaseEvent]
        var dead: Set<EventID>
    }

    /// What comes out of one event or command on one subject.
    private struct Outcome {
        var work: Subjects
        /// The state that `work` has in the end.
        var state: Process.State?
        var emitted: [CaseEvent] = []
        var effects: [Process.Effect] = []
        var messages: [OutboundEvent] = []
        var counties: [(edition: CountyBook.Edition, sequence: Int64)] = []
        var book: CountyBook
    }

    private let process: Process
    private let now: Instant
    private var book: CountyBook
    private var claims: [ClaimKey: Claim]
    private var subjects: [Subject: Subjects]
    private let original: Loaded<Process.State>
    private var touched: Set<Subject> = []
    private var emitted: [CaseEvent] = []
    private var messages: [OutboundEvent] = []
    private var changes = Changes<Process.State, Process.Effect>()
    private var identifiers: any EventIdentifiers
    /// The subjects of which the first event of this service was stated.
    public private(set) var begun: [Subject] = []
    /// What happened to the events, for metrics.
    public private(set) var tally = WorkTally()

    public init(process: Process, loaded: Loaded<Process.State>, identifiers: any EventIdentifiers) {
        self.process = process
        self.identifiers = identifiers
        now = loaded.now
        book = loaded.counties
        claims = loaded.claims
        original = loaded
        subjects = [:]
        subjects.reserveCapacity(loaded.clocks.count)
        for (subject, clock) in loaded.clocks {
            let kept = loaded.states[subject].map { Kept($0) }
            subjects[subject] = Subjects(
                clock: clock, kept: kept, begun: kept, held: loaded.held[subject] ?? [], dead: loaded.dead[subject] ?? [])
        }
    }

    /// The subjects that this plan may change.
    public var subjectsAtHand: [Subject] { subjects.keys.sorted() }

    /// What is remembered of `subject` at this point of the plan.
    public func state(of subject: Subject) -> Process.State? { subjects[subject]?.kept?.state }

    /// Takes one delivered event, and unless told otherwise every held event that becomes ready through it.
    ///
    /// With a `fault`, what the database said of this event, it is dead-lettered without being tried.
    public mutating func receive(_ event: CaseEvent, fault: String? = nil, releasing: Bool = true) {
        guard var work = subjects[event.subject] else { return }
        switch judge(event, work.clock) {
        case .duplicate:
            tally.duplicates += 1
        case .wait:
            tally.held += 1
            hold(event, in: &work)
            subjects[event.subject] = work
        case .ready:
            if let fault { bury(event, fault) } else { apply(event) }
            if releasing { release(event.subject) }
        }
    }

    /// Applies up to `limit` held events of `subject` that are ready, one after the other; says how many there were.
    ///
    /// With a `fault`, what the database said of the first of them, they are dead-lettered without being tried.
    @discardableResult
    public mutating func release(_ subject: Subject, atMost limit: Int = .max, fault: String? = nil) -> Int {
        var count = 0
        while count < limit, let work = subjects[subject],
            let next = work.held.first(where: { judge($0, work.clock) != .wait && !work.dead.contains($0.id) })
        {
            count += 1
            subjects[subject]?.held.removeAll { $0.id == next.id }
            changes.released.append(next.id)
            changes.held.removeAll { $0.event.id == next.id }
            touched.insert(subject)
            if judge(next, work.clock) != .ready {
                tally.duplicates += 1
            } else if let fault {
                bury(next, fault)
            } else {
                apply(next)
            }
        }
        return count
    }

    /// Decides one command.
    public mutating func perform(_ request: Request<Process.Command>) -> Answer {
        if let (key, digest) = request.idempotency, let claim = claims[key] {
            return claim.answer(to: digest)
        }
        guard let work = subjects[request.subject] else {
            return .refused(
                Refusal(.unavailable, rule: "case-busy", sentence: "the case is being worked on at this moment; ask again"))
        }
        do throws(Refusal) {
            let found = Dictionary(request.claims.compactMap { key in claims[key].map { (key, $0) } }) { first, _ in first }
            var outcome = Outcome(work: work, state: work.kept?.state, book: book)
            let decision = try process.decide(
                request.command, on: outcome.state, in: FlowContext(now: now, counties: book, claims: found))
            do throws(EventError) {
                try emit(decision.facts, on: request.subject, traceparent: request.traceparent, into: &outcome)
            } catch {
                throw Refusal(.conflict, rule: "not-applicable", sentence: error.reason)
            }
            accept(outcome, for: request.subject)
            record(decision, of: request)
            return .done(decision.answer)
        } catch {
            return .refused(error)
        }
    }

    /// Everything to store; the plan is used up.
    public consuming func finish() -> Changes<Process.State, Process.Effect> {
        var changes = changes
        for subject in touched.sorted() {
            guard var work = subjects[subject] else { continue }
            work.clock.held = Int32(clamping: work.held.count)
            work.clock.dead = Int32(clamping: work.dead.count)
            if original.clocks[subject] != work.clock { changes.clocks.append((subject, work.clock)) }
            // The same one is as it was loaded.
            if let kept = work.kept, kept !== work.begun, work.begun?.state != kept.state { changes.states.append((subject, kept.state)) }
        }
        // An event that was held and released within this plan was never stored, so there is nothing to delete.
        let stored = Set(original.held.values.joined().map(\.id))
        changes.released.removeAll { !stored.contains($0) }
        changes.outbox =
            EventBundle.pack(emitted).map {
                OutboundMessage(
                    exchange: .events, routingKey: process.source.rawValue, contentType: EventBundle.contentType, body: $0)
            } + OutboundEvent.bundle(messages)
        return changes
    }
}

extension BatchPlan {
    private func judge(_ event: CaseEvent, _ clock: CaseClock) -> Gate.Verdict {
        let knows = book.knows(event.county) || event.type == CountyPublished.type
        return Gate.judge(event, reader: process.source, clock: clock, knowsCounty: knows)
    }

    private mutating func hold(_ event: CaseEvent, in work: inout Subjects) {
        if work.held.contains(where: { $0.id == event.id }) { return }
        work.held.append(event)
        changes.held.append((event, !book.knows(event.county)))
        touched.insert(event.subject)
    }

    private mutating func apply(_ event: CaseEvent) {
        guard let work = subjects[event.subject] else { return }
        var outcome = Outcome(work: work, state: work.kept?.state, book: book)
        do throws(EventError) {
            outcome.work.clock.positions[event.source] = event.sequence
            try take(event, into: &outcome)
        } catch {
            return bury(event, error.reason)
        }
        tally.applied += 1
        if outcome.work.dead.remove(event.id) != nil { changes.revived.append(event.id) }
        accept(outcome, for: event.subject)
    }

    private mutating func bury(_ event: CaseEvent, _ reason: String) {
        touched.insert(event.subject)
        tally.dead += 1
        if subjects[event.subject]?.dead.insert(event.id).inserted == true {
            changes.deadLetters.append(DeadLetter(event: event, reason: reason, at: now))
        }
    }

    /// Lets the process apply `event`, then everything that follows from it.
    private mutating func take(_ event: CaseEvent, into outcome: inout Outcome) throws(EventError) {
        if event.type == CountyPublished.type {
            let definition = try event.facts(CountyPublished.self).definition
            let edition: CountyBook.Edition
            do throws(CountyError) { edition = try CountyBook.Edition(published: definition) } catch {
                throw EventError(reason: "the county definition does not fit together: \(error)")
            }
            outcome.book.add(edition)
            outcome.book.putInForce(edition.index.version)
            outcome.counties.append((edition, event.sequence))
        }
        let context = FlowContext(now: now, counties: outcome.book)
        let consequences = try process.apply(event, to: &outcome.state, in: context)
        if !consequences.effects.isEmpty { outcome.effects += consequences.effects }
        if !consequences.messages.isEmpty { outcome.messages += consequences.messages }
        if !consequences.facts.isEmpty { try emit(consequences.facts, on: event.subject, traceparent: event.traceparent, into: &outcome) }
    }

    /// Writes `facts` as this service's next events and applies each at once.
    private mutating func emit(
        _ facts: [any EventFacts], on subject: Subject, traceparent: String?, into outcome: inout Outcome
    ) throws(EventError) {
        for fact in facts {
            guard outcome.emitted.count < Self.largestChain else {
                throw EventError(reason: "one event led to more than \(Self.largestChain) others; two rules answer each other")
            }
            var after = outcome.work.clock.positions
            after[process.source] = 0
            for source in Source.allCases where !process.source.hears.contains(source) { after[source] = 0 }
            outcome.work.clock.positions[process.source] += 1
            let kind = Swift.type(of: fact)
            let event = try CaseEvent(
                id: identifiers.next(at: now), source: process.source, subject: subject, type: kind.type, version: kind.version,
                time: now, sequence: outcome.work.clock.positions[process.source], after: after,
                county: outcome.book.current?.index.version ?? "", traceparent: traceparent, stating: fact)
            outcome.emitted.append(event)
            try take(event, into: &outcome)
        }
    }

    private static var largestChain: Int { 64 }

    private mutating func accept(_ outcome: Outcome, for subject: Subject) {
        var work = outcome.work
        work.kept = outcome.state.map { Kept($0) }
        subjects[subject] = work
        touched.insert(subject)
        // Most of them are empty most of the time, and looking costs nothing.
        if !outcome.emitted.isEmpty {
            if outcome.emitted[0].sequence == 1 { begun.append(subject) }
            emitted += outcome.emitted
            tally.emitted += outcome.emitted.count
        }
        if !outcome.effects.isEmpty { changes.effects += outcome.effects }
        if !outcome.messages.isEmpty { messages += outcome.messages }
        if !outcome.counties.isEmpty {
            book = outcome.book
            changes.counties += outcome.counties
        }
    }

    private mutating func record(_ decision: Decision, of request: Request<Process.Command>) {
        var taken = decision.claims.map {
            Claim(key: $0, digest: [], subject: request.subject, answer: decision.answer, expires: nil)
        }
        if let (key, digest) = request.idempotency {
            taken.append(
                Claim(
                    key: key, digest: digest, subject: request.subject, answer: decision.answer,
                    expires: now + Claim.idempotencyLifetime))
        }
        for claim in taken where claims[claim.key] == nil {
            claims[claim.key] = claim
            changes.claims.append(claim)
        }
    }
}

/// How many events of a unit of work met which fate.
public struct WorkTally: Sendable, Hashable {
    public var applied = 0
    public var duplicates = 0
    public var held = 0
    public var dead = 0
    public var emitted = 0

    public init() {}
}

/// Gives events their identifiers; seeded in a simulation.
public protocol EventIdentifiers: Sendable {
    mutating func next(at instant: Instant) -> EventID
}

/// Version 7 identifiers from the system's random numbers.
public struct RandomIdentifiers: EventIdentifiers {
    public init() {}

    public mutating func next(at instant: Instant) -> EventID {
        var random = SystemRandomNumberGenerator()
        return EventID(.version7(at: instant, random: (random.next(), random.next())))
    }
}
