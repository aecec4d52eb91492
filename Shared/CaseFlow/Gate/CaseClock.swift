import Models

/// How far one service has applied each source's stream for one subject, and its own last sequence.
///
/// One row per subject: it gives idempotency, order and causality at once. Its row lock is always the first lock that a unit of work
/// takes: in the order of subjects where it reads the cases, and with its first statement where it goes by what it remembers. Of two that
/// block each other all the same PostgreSQL ends one, which is done over by reading.
public struct CaseClock: Hashable, Sendable {
    /// Applied positions; at the service's own source, the sequence of the last event it wrote.
    public var positions: SourcePositions
    /// How many events of this subject are held.
    public var held: Int32
    /// How many of its events are dead letters.
    public var dead: Int32

    public init(positions: SourcePositions = SourcePositions(), held: Int32 = 0, dead: Int32 = 0) {
        self.positions = positions
        self.held = held
        self.dead = dead
    }
}

/// Judges whether an event may take effect now: the rule that makes the order of deliveries irrelevant.
public enum Gate {
    public enum Verdict: Hashable, Sendable {
        /// It was applied before: acknowledge, nothing else.
        case duplicate
        /// It is the next one, and everything it came after is applied.
        case ready
        /// An earlier event, one it came after, or its county version is not applied yet.
        case wait
    }

    /// Judges `event` for the service `reader`, whose row for the event's subject is `clock`.
    public static func judge(_ event: CaseEvent, reader: Source, clock: CaseClock, knowsCounty: Bool) -> Verdict {
        let applied = clock.positions[event.source]
        if event.sequence <= applied { return .duplicate }
        guard event.sequence == applied + 1, knowsCounty else { return .wait }
        for source in reader.hears where event.after[source] > clock.positions[source] { return .wait }
        return .ready
    }
}
