import Models

extension CaseWorker {
    /// Gives `command` to up to `limit` cases that are due by the service's tables, the one that waits longest first; says what came of it.
    ///
    /// Those that somebody else is working on are left out: with several replicas each gets the next that are free. Where one of the cases
    /// cannot be read, or makes the database refuse the commit, it fails alone.
    public func perform<Tables>(
        onDue limit: Int, _ command: Process.Command
    ) async throws(StoreFailure) -> [(subject: Subject, answer: Result<Answer, StoreFailure>)] where Store == PostgresStore<Tables> {
        do throws(StoreFailure) {
            let (done, outbox) = try await store.workOnDue(limit: limit) { self.plan(command, for: $0) }
            await handOver(outbox, done.tally)
            return done.answers.map { ($0.subject, .success($0.answer)) }
        } catch {
            if error.isRetryable { throw error }
        }
        let subjects = try await store.due(limit: limit)
        let results = try await perform(subjects.map { Request(subject: $0, command: command) }, skipsLocked: true)
        return Array(zip(subjects, results)).map { ($0, $1) }
    }
}
