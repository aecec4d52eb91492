import Models

/// Notices of one way that this process has just stored and delivers itself, without reading them back.
///
/// The table lends each to it for `NoticeBook.lentAtOnce`, and longer while the courier asks for that. What it has no room for, and what
/// has waited too long in it, is given back; what it does not deliver because it died is found by the sweep of any courier once the loan
/// is over.
public actor NoticeTray {
    nonisolated let way: String
    private let routes: NoticeRoutes
    private var waiting: [(owed: NoticeBook.Owed, until: ContinuousClock.Instant)] = []
    /// Notices that found no room, or waited too long: they are to be given back to the table.
    private var excess: [NoticeID] = []
    private var waiter: CheckedContinuation<Void, Never>?

    /// Notices beyond this many are left to the sweep, so that a dead gateway costs no memory.
    private let room = 4000
    /// Of those beyond it so many are known by their identifier.
    private let mostExcess = 100_000
    /// Shorter than what they are lent for by what the delivery of a batch takes: nothing is begun that a sweep may begin, too.
    private let patience = Duration.seconds(15)
    /// Those that have waited for so long are asked for anew.
    private let age = Duration.seconds(8)

    public init(_ way: String, of routes: NoticeRoutes) {
        self.way = way
        self.routes = routes
    }

    /// Takes those of the notices that were just committed which its way has first.
    func put(_ notices: [Notice]) {
        // What waits for its hours waits by the database's clock.
        add(notices.filter { routes.first(to: $0.recipient) == way && $0.notBefore == nil }.map { .init(notice: $0, attempts: 1) })
    }

    /// Takes notices that another way has passed on and that the table lends to this one.
    func add(_ owed: [NoticeBook.Owed]) {
        guard !owed.isEmpty else { return }
        let until = ContinuousClock.now + patience
        let (urgent, others) = (owed.filter(\.notice.isUrgent), owed.filter { !$0.notice.isUrgent })
        // Urgent ones go before all others, and find room where others do not.
        let pressing = urgent.prefix(max(0, 2 * room - waiting.count))
        waiting.insert(contentsOf: pressing.map { ($0, until) }, at: waiting.firstIndex { !$0.owed.notice.isUrgent } ?? waiting.count)
        let fitting = others.prefix(max(0, room - waiting.count))
        waiting += fitting.map { ($0, until) }
        let left = urgent.dropFirst(pressing.count) + others.dropFirst(fitting.count)
        excess += left.prefix(max(0, mostExcess - excess.count)).map(\.notice.id)
        ring()
    }

    /// Takes away the names of those that are to be given back.
    func takeExcess() -> [NoticeID] {
        defer { excess = [] }
        return excess
    }

    /// What has waited so long that its loan must be renewed, or it is left to the sweep; empty most of the time.
    func aging(at now: ContinuousClock.Instant = .now) -> [NoticeBook.Owed] {
        let end = now + patience - age
        return waiting.filter { $0.until <= end }.map(\.owed)
    }

    /// Keeps those of `aged` whose loan was renewed, as the table knows them now, and drops the others, which somebody else has.
    ///
    /// - Parameter asked: When the loan was asked for: it began no earlier.
    func keep(_ renewals: [NoticeBook.Renewal], of aged: [NoticeBook.Owed], asked: ContinuousClock.Instant) {
        let renewals = Dictionary(renewals.map { ($0.notice, $0) }) { first, _ in first }
        let aged = Set(aged.map(\.notice.id))
        waiting.removeAll { aged.contains($0.owed.notice.id) && renewals[$0.owed.notice.id] == nil }
        for index in waiting.indices {
            guard let renewal = renewals[waiting[index].owed.notice.id] else { continue }
            waiting[index].until = asked + patience
            waiting[index].owed.notice.contact = renewal.contact
            waiting[index].owed.waited = renewal.waited
        }
    }

    /// Gives those that wait the contacts that their recipients have from now on.
    func correct(_ contacts: [Correction.Key: SealedText]) {
        for index in waiting.indices { contacts[waiting[index].owed.notice.contactKey].map { waiting[index].owed.notice.contact = $0 } }
    }

    /// Gives out up to `limit` notices that are still lent, the urgent ones first; the others are to be given back.
    func take(_ limit: Int, at now: ContinuousClock.Instant = .now) -> [NoticeBook.Owed] {
        let late = waiting.filter { $0.until <= now }.map(\.owed.notice.id)
        if !late.isEmpty {
            excess += late.prefix(max(0, mostExcess - excess.count))
            waiting.removeAll { $0.until <= now }
        }
        let taken = waiting.prefix(limit).map(\.owed)
        waiting.removeFirst(taken.count)
        return taken
    }

    /// Takes names back that could not be given back.
    func keepExcess(_ notices: [NoticeID]) { excess = Array((notices + excess).prefix(mostExcess)) }

    /// What it knows of: all that waits in it or is to be given back.
    var contents: [NoticeID] { waiting.map(\.owed.notice.id) + excess }

    /// Drops everything, which others may have; says what it was.
    func forget() -> [NoticeID] {
        defer { (waiting, excess) = ([], []) }
        return contents
    }

    /// Waits until there is a notice, or until `end`.
    func wait(until end: ContinuousClock.Instant) async {
        guard waiting.isEmpty else { return }
        let alarm = Task {
            try? await Task.sleep(until: end)
            ring()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled || !waiting.isEmpty || waiter != nil { continuation.resume() } else { waiter = continuation }
            }
        } onCancel: {
            Task { await self.ring() }
        }
        alarm.cancel()
    }

    private func ring() {
        waiter?.resume()
        waiter = nil
    }
}
