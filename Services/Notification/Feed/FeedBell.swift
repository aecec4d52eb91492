import Postgres

/// Rings when the feed has grown, so that nobody who waits for entries has to look again and again.
///
/// What this process adds rings at once; what others add is noticed by one look at the feed's end, four times a second while anybody waits.
public actor FeedBell {
    private var head: Int64 = 0
    private var waiters: [Int: (above: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
    private var nextWaiter = 0
    private var isLooking = false
    private var client: PostgresClient?

    public init() {}

    /// Looks at the feed through `client`.
    func watch(_ client: PostgresClient) { self.client = client }

    /// Entries were committed by this process: whoever waits looks for itself.
    func ring() { wake { _ in true } }

    /// Returns once the feed may have entries above `position`, at `end` at the latest, or when the task is cancelled.
    func wait(above position: Int64, until end: ContinuousClock.Instant) async {
        if head > position || ContinuousClock.now >= end { return }
        let id = nextWaiter
        nextWaiter += 1
        let alarm = Task {
            try? await Task.sleep(until: end)
            wake { $0 == id }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume() }
                waiters[id] = (position, continuation)
                look()
            }
        } onCancel: {
            Task { await self.wake { $0 == id } }
        }
        alarm.cancel()
    }

    private func wake(_ which: (Int) -> Bool) {
        for id in waiters.keys.filter(which) { waiters.removeValue(forKey: id)?.continuation.resume() }
    }

    /// Looks at the feed's end as long as anybody waits.
    private func look() {
        guard !isLooking, let client else { return }
        isLooking = true
        Task {
            while !waiters.isEmpty {
                if let row = try? await client.run("SELECT position FROM feed_head").first, let position = try? row.value(0, as: Int64.self)
                {
                    head = max(head, position)
                    let ready = waiters.filter { $0.value.above < head }.map(\.key)
                    wake { ready.contains($0) }
                }
                if waiters.isEmpty { break }
                try? await Task.sleep(for: .milliseconds(250))
            }
            isLooking = false
            if !waiters.isEmpty { look() }
        }
    }
}
