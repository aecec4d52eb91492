import HTTPTypes
import Metrics
import ServiceKit

/// Slows down who guesses query codes, without shutting out who has the right one.
///
/// Misses are counted three times: strictly for a number from one address, for one address over all numbers, and for a number from
/// everywhere, so loosely that only a flood shuts others out of it; a code has 50 bits. An address that many share, a proxy's above all,
/// has no count of its own, since one of them could shut out the others. Guesses are counted before they are looked at, so that those
/// sent at the same time are counted too: no more are under way at once than may miss, and the others wait for what becomes of them.
actor GuessBrake {
    /// At which number somebody guesses, and from where.
    struct Guess: Sendable {
        var number: String
        /// Nil for somebody who has no address.
        var client: ClientAddress?
    }

    /// Whose misses are counted together.
    private enum Scope: Int, CaseIterable {
        case pair, client, number
    }

    private struct Pair: Hashable {
        var client: ClientAddress
        var number: String
    }

    /// A place in one of the tables.
    private struct Slot: Hashable {
        var scope: Scope
        var place: Int
    }

    /// Misses a minute of one address at one number; the number then rests for it.
    static let mostOfPair: UInt16 = 5
    /// Misses a minute of one address.
    static let mostOfClient: UInt16 = 100
    /// Misses a minute at one number.
    static let mostOfNumber: UInt16 = 300

    private var tables: [GuessTable]
    private var waiting: [Slot: [CheckedContinuation<Void, Never>]] = [:]
    private let start: ContinuousClock.Instant
    private let (missed, refused) = (GuessBrake.counter("missed"), GuessBrake.counter("refused"))
    private let report: @Sendable (Int) -> Void
    /// Misses and refusals that were not reported yet.
    private var unreported = 0
    /// When the last report was, in seconds since the brake was made.
    private var reported: UInt32?

    /// A brake of three times 131,072 places, which are three mebibytes, unless told.
    ///
    /// `report` is told at most once a minute how many guesses missed or were refused since it was told last; what comes later is
    /// reported with the next one.
    init(places: Int = 1 << 17, start: ContinuousClock.Instant = .now, report: @escaping @Sendable (Int) -> Void = { _ in }) {
        tables = [
            GuessTable(places: places, most: Self.mostOfPair, isStrict: true),
            GuessTable(places: places, most: Self.mostOfClient, isStrict: false),
            GuessTable(places: places, most: Self.mostOfNumber, isStrict: false),
        ]
        self.start = start
        self.report = report
    }

    /// Lets a guess be looked at, after which `settle` must follow.
    ///
    /// Throws when the number or the address rests.
    func take(_ guess: Guess, at now: ContinuousClock.Instant = .now) async throws(Problem) {
        let (slots, second) = (slots(of: guess), second(now))
        while true {
            var busy: Slot?
            for slot in slots {
                switch tables[slot.scope.rawValue].verdict(at: slot.place, second: second) {
                case .free: continue
                case .busy: busy = slot
                case .resting(let seconds):
                    refused.increment()
                    count(second)
                    throw Self.refusal(slot.scope, seconds)
                }
            }
            guard let busy else { break }
            await withCheckedContinuation { waiting[busy, default: []].append($0) }
        }
        for slot in slots { tables[slot.scope.rawValue].begin(at: slot.place) }
    }

    /// Says what became of a guess that `take` let through.
    func settle(_ guess: Guess, missed isMiss: Bool, at now: ContinuousClock.Instant = .now) {
        let second = second(now)
        for slot in slots(of: guess) {
            tables[slot.scope.rawValue].end(at: slot.place, missed: isMiss, second: second)
            for waiter in waiting.removeValue(forKey: slot) ?? [] { waiter.resume() }
        }
        if isMiss {
            missed.increment()
            count(second)
        }
    }

    private func slots(of guess: Guess) -> [Slot] {
        func slot(_ scope: Scope, _ key: some Hashable) -> Slot {
            Slot(scope: scope, place: tables[scope.rawValue].place(of: key))
        }
        let number = slot(.number, guess.number)
        guard let client = guess.client, !client.isShared else { return [number] }
        return [slot(.pair, Pair(client: client, number: guess.number)), slot(.client, client), number]
    }

    private func count(_ second: UInt32) {
        unreported += 1
        if let reported, second < reported + 60 { return }
        report(unreported)
        (unreported, reported) = (0, second)
    }

    private func second(_ now: ContinuousClock.Instant) -> UInt32 { UInt32(clamping: (now - start).components.seconds) }

    private static func refusal(_ scope: Scope, _ seconds: UInt32) -> Problem {
        let what = scope == .client ? "from your address" : "for this number"
        return Problem(
            .tooManyRequests, detail: "Too many wrong query codes were tried \(what); try again in a minute.",
            headers: [.retryAfter: "\(seconds)"])
    }

    private static func counter(_ fate: String) -> Counter {
        Counter(label: "huiyin_query_code_guesses_total", dimensions: [("fate", fate)])
    }
}
