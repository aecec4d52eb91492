import Models
import NIOConcurrencyHelpers
import Postgres

/// A case as a unit of work of this process left it.
struct RememberedCase<State: Sendable>: Sendable {
    var clock: CaseClock
    var state: State?
    /// That of its clock row.
    var version: PostgresTransactionID
}

/// The cases that this process has just worked on, so that the next event of one finds it without a question to the database.
///
/// What is remembered is only what was so: others may have worked on a case meanwhile. Whoever relies on it lets the commit fail unless
/// the case's clock row still has the version that is remembered. Everything that changes a case, in whatever program, changes that
/// row, so nothing can be overlooked. A case that is taken out is put back after the commit; when that fails, it stays forgotten.
final class CaseMemory<State: Sendable>: Sendable {
    /// So many cases are remembered at most.
    private static var most: Int { 4096 }
    /// So long a case is remembered that nothing happens to, in microseconds: events follow each other within seconds, or after hours.
    private static var longest: Int64 { 30_000_000 }
    /// So often it may have been wrong within a pause before everything is made sure of first: with several processes of a service that would go on.
    private static var patience: Int { 3 }

    private typealias Cases = [Subject: (known: RememberedCase<State>, since: Int64)]

    private struct Content {
        /// Those that came last, and those before them, which go when as many have come again.
        var (young, old) = (Cases(), Cases())
        var time = ServerTime()
        /// Nil while it has to be asked for.
        var inForce: String??
        /// When that was so.
        var heard = Instant(microseconds: .min)
        /// When it was wrong last.
        var wrong: [Int64] = []
        /// Until when whatever is remembered is made sure of first, and whatever is said to be new is looked for.
        var (doubted, namesDoubted) = (Int64.min, Int64.min)
        var faults = 0
    }

    private let content = NIOLockedValueBox(Content())
    private let pause: Int64

    /// Makes an empty memory that is not relied upon for `pause` after it was wrong.
    init(pause: Duration = .seconds(5)) { self.pause = pause.wholeMicroseconds }

    /// How often it was wrong, of cases or of names.
    var faults: Int { content.withLockedValue { $0.faults } }

    /// Takes those of `subjects` out that are known, and names those that are known but have to be read: events wait at them, or they are too
    /// old.
    func take(_ subjects: [Subject]) -> (cases: [Subject: RememberedCase<State>], unfit: Set<Subject>) {
        let now = ServerTime.Local.now.steady
        return content.withLockedValue { content in
            var (taken, unfit): ([Subject: RememberedCase<State>], Set<Subject>) = ([:], [])
            if content.young.isEmpty, content.old.isEmpty { return (taken, unfit) }
            taken.reserveCapacity(subjects.count)
            for subject in subjects {
                let old = content.old.removeValue(forKey: subject)
                guard let (known, since) = content.young.removeValue(forKey: subject) ?? old else { continue }
                if now - since < Self.longest, known.clock.held == 0, known.clock.dead == 0 {
                    taken[subject] = known
                } else {
                    unfit.insert(subject)
                }
            }
            return (taken, unfit)
        }
    }

    /// Puts cases in, as they are after a commit.
    func keep(_ cases: [(subject: Subject, known: RememberedCase<State>)]) {
        let now = ServerTime.Local.now.steady
        // What goes is given out, to be freed when others may use the memory again.
        _ = content.withLockedValue { content in
            var gone: [Cases] = []
            for (subject, known) in cases {
                // Two units of work of this process may come back in another order than they were committed in.
                if let (other, _) = content.young[subject], other.clock.positions.isBeyond(known.clock.positions) { continue }
                if content.young.count >= Self.most / 2 {
                    gone.append(content.old)
                    (content.old, content.young) = (content.young, [:])
                }
                content.young[subject] = (known, now)
            }
            return gone
        }
    }

    /// Whether a unit of work may begin without a question to the database.
    var isTrusted: Bool {
        let now = ServerTime.Local.now.steady
        return content.withLockedValue { now > $0.doubted }
    }

    /// The database's time and the county version in force; nil when they have to be asked for.
    func moment() -> (now: Instant, inForce: String?)? {
        content.withLockedValue { content in
            guard let inForce = content.inForce, let now = content.time.now(at: .now) else { return nil }
            return (now, inForce)
        }
    }

    /// Takes in what the database answered to what it was `asked` then: its time, and the county version in force.
    func learn(_ now: Instant, asked: ServerTime.Local, inForce: String?) {
        content.withLockedValue { content in
            if content.time.learn(now, asked: asked, heard: .now) { content.heard = Instant(microseconds: .min) }
            // Answers may be heard in another order than they were given.
            guard now >= content.heard else { return }
            (content.inForce, content.heard) = (.some(inForce), now)
        }
    }

    /// Has the county version in force asked for by everybody, until every answer is from after the commit that began at `now`.
    func ask(after now: Instant) { content.withLockedValue { ($0.inForce, $0.heard) = (nil, now + .seconds(1)) } }

    /// Whether what is said to be new is taken for new.
    var trustsNames: Bool {
        let now = ServerTime.Local.now.steady
        return content.withLockedValue { now > $0.namesDoubted }
    }

    /// Notes that a case that was said to be new is not: redelivery, for example, goes on for a while.
    func wasWrongOfNames() {
        let now = ServerTime.Local.now.steady
        content.withLockedValue {
            $0.faults += 1
            $0.namesDoubted = now + pause
        }
    }

    /// Notes that something was not so any more; after the third time within a pause everything is made sure of first for another.
    func wasWrong() {
        let now = ServerTime.Local.now.steady
        content.withLockedValue { content in
            content.faults += 1
            content.inForce = nil
            content.wrong = content.wrong.filter { now - $0 < pause } + [now]
            if content.wrong.count >= Self.patience { content.doubted = now + pause }
        }
    }

    /// Forgets everything.
    func forget() {
        _ = content.withLockedValue { content in
            let gone = [content.young, content.old]
            (content.young, content.old, content.time, content.inForce) = ([:], [:], ServerTime(), nil)
            return gone
        }
    }

    /// Forgets everything when nothing has happened for two seconds: then the database has to be asked anyhow.
    func tidy() {
        let now = ServerTime.Local.now.steady
        let isQuiet = content.withLockedValue { content in
            let latest = max(content.young.values.lazy.map(\.since).max() ?? .min, content.old.values.lazy.map(\.since).max() ?? .min)
            return latest < now - 2_000_000
        }
        if isQuiet { forget() }
    }
}

extension SourcePositions {
    /// Whether it was reached after `other`, by a service that only ever moves forwards.
    fileprivate func isBeyond(_ other: SourcePositions) -> Bool { Source.allCases.contains { self[$0] > other[$0] } }
}
