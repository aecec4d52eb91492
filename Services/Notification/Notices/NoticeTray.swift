import Models

/// Notices that this process has just stored and delivers itself, without reading them back.
///
/// The table lends each to it for thirty seconds. What it does not deliver in time, because it died, was busy or had no room,
/// is found by the sweep of any courier.
public actor NoticeTray {
    private let audience: NoticeAudience
    private var waiting: [(notice: Notice, until: ContinuousClock.Instant)] = []
    private var waiter: CheckedContinuation<Void, Never>?

    /// Notices beyond this many are left to the sweep, so that a dead gateway costs no memory.
    private let room = 4000
    /// Shorter than the thirty seconds by what the delivery of a batch takes: nothing is begun that a sweep may begin, too.
    private let patience = Duration.seconds(15)

    public init(_ audience: NoticeAudience) { self.audience = audience }

    /// Takes those of the notices that were just committed which are for its audience.
    func put(_ notices: [Notice]) {
        // What waits for its hours waits by the database's clock.
        let notices = notices.filter { audience.includes($0.recipient) && $0.notBefore == nil }
        guard !notices.isEmpty else { return }
        let until = ContinuousClock.now + patience
        for notice in notices.prefix(max(0, room - waiting.count)) { waiting.append((notice, until)) }
        ring()
    }

    /// Gives out up to `limit` notices that are still lent.
    func take(_ limit: Int) -> [Notice] {
        let now = ContinuousClock.now
        waiting.removeFirst(waiting.firstIndex { $0.until > now } ?? waiting.count)
        let taken = waiting.prefix(limit).map(\.notice)
        waiting.removeFirst(taken.count)
        return taken
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
