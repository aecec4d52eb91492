import Models

/// Where a service keeps its states, clocks, held events, claims and outbox.
///
/// A store keeps two promises: `work` stores all changes or none, and when it does, nobody else has changed a subject between what
/// `body` was shown and the commit.
public protocol CaseStore<State, Effect>: Sendable {
    associatedtype State: Sendable
    associatedtype Effect: Sendable

    /// Shows `body` what `scope` names, and commits what it returns.
    ///
    /// `body` cannot wait for anything: inside the transaction only the database is waited for. Another unit of work may have changed one of
    /// the subjects, or be the first for it, at the same time: then `body` is called again, with what that one has left, and only what it
    /// returns last counts. Returns what `body` gave besides, and the committed outbox rows, ready to send.
    func work<R: Sendable>(
        _ scope: WorkScope, _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws(StoreFailure) -> (result: R, outbox: [OutboxRow])

    /// Takes up to `limit` outbox rows of `lane` that nobody sent for three seconds, those that wait longest first, and keeps others from
    /// taking them for a while.
    func takeOutbox(_ lane: OutboxLane, limit: Int) async throws(StoreFailure) -> [OutboxRow]

    /// Takes the rows that the broker has confirmed out of the outbox; their messages are kept for some days.
    func forgetOutbox(_ ids: [Int64]) async throws(StoreFailure)

    /// Puts every kept message to the other services back into the outbox, for a broker that has lost them; says how many.
    func resend() async throws(StoreFailure) -> Int

    /// Names subjects with held events that may be ready though no delivery will come for them: those replayed by the
    /// operator and those that waited for a county version that is here now.
    func releasable(limit: Int) async throws(StoreFailure) -> [Subject]
}

/// Says why a store could not do its work.
public struct StoreFailure: Error, Sendable, CustomStringConvertible {
    /// Whether the same work may succeed later: the server was away, or another transaction stood in the way.
    public let isRetryable: Bool
    /// For the log: no values of rows.
    public let reason: String

    public init(isRetryable: Bool, reason: String) {
        self.isRetryable = isRetryable
        self.reason = reason
    }

    public var description: String { reason }
}
