import Models
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
    /// So long nothing is relied upon after others changed what was: with several processes of a service that would go on.
    private static var distrust: Int64 { 5_000_000 }

    private typealias Cases = [Subject: (known: RememberedCase<State>, since: Int64)]

    private struct Content {
        /// Those that came last, and those before them, which go when as many have come again.
        var (young, old) = (Cases(), Cases())
        var time = ServerTime()
        var inForce: String?
        var distrustedUntil = Int64.min
    }

    private let content = Guarded(Content())

    /// Takes those of `subjects` out that are known and of which nothing waits; none of them while memory cannot be relied upon.
    func take(_ subjects: [Subject]) -> [Subject: RememberedCase<State>] {
        let now = ServerTime.Local.now.steady
        return content { content in
            var taken: [Subject: RememberedCase<State>] = [:]
            if content.young.isEmpty, content.old.isEmpty { return taken }
            taken.reserveCapacity(subjects.count)
            for subject in subjects {
                let old = content.old.removeValue(forKey: subject)
                guard let (known, since) = content.young.removeValue(forKey: subject) ?? old else { continue }
                // What is held or dead would have to be read, too.
                guard now - since < Self.longest, now > content.distrustedUntil, known.clock.held == 0, known.clock.dead == 0 else {
                    continue
                }
                taken[subject] = known
            }
            return taken
        }
    }

    /// Puts cases in, as they are after a commit.
    func keep(_ cases: [(subject: Subject, known: RememberedCase<State>)]) {
        let now = ServerTime.Local.now.steady
        content { content in
            for (subject, known) in cases {
                if content.young.count >= Self.most / 2 { (content.old, content.young) = (content.young, [:]) }
                content.young[subject] = (known, now)
            }
        }
    }

    /// The database's time, not before `heard` when that is close, and the county version in force; nil when it has to be asked.
    func moment(after heard: Instant?) -> (now: Instant, inForce: String?)? {
        content { content in
            guard var now = content.time.now(at: .now) else { return nil }
            // What answers an event does not come before it, by clocks that differ by a little.
            if let heard, heard > now, heard - now < .seconds(1) { now = heard }
            return (now, content.inForce)
        }
    }

    /// Takes in what the database said: its time, and the county version in force.
    func learn(_ now: Instant, inForce: String?) {
        content {
            $0.time.learn(now, at: .now)
            $0.inForce = inForce
        }
    }

    /// Has the database asked at the next look.
    func ask() { content { $0.time = ServerTime() } }

    /// Forgets the cases, and relies on nothing for a while.
    func forget() {
        let now = ServerTime.Local.now.steady
        content {
            ($0.young, $0.old, $0.time) = ([:], [:], ServerTime())
            $0.distrustedUntil = now + Self.distrust
        }
    }

    /// Forgets what nothing has happened to for long.
    func tidy() {
        let now = ServerTime.Local.now.steady
        content {
            $0.young = $0.young.filter { now - $0.value.since < Self.longest }
            $0.old = $0.old.filter { now - $0.value.since < Self.longest }
        }
    }
}
