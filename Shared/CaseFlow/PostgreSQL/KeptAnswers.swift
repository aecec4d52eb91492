import Models
import Postgres

/// Answers to requests that are no single unit of work, kept under their Idempotency-Keys like those of commands.
extension PostgresStore {
    /// What was answered under an Idempotency-Key before; nil when it has not been used.
    public func answer(under key: ClaimKey, digest: [UInt8]) async throws(StoreFailure) -> Answer? {
        do {
            return try await client.run("SELECT digest, subject, answer, expires_at FROM claims WHERE key = \(key)").first.map { row in
                Claim(
                    key: key, digest: try row.value(0), subject: try row.value(1), answer: try row.value(2), expires: try row.optional(3)
                ).answer(to: digest)
            }
        } catch { throw StoreFailure(error) }
    }

    /// Keeps the answer to a request that took several units of work, each of which does nothing when it is repeated.
    public func keep(_ answer: [UInt8], under key: ClaimKey, digest: [UInt8], about subject: Subject) async throws(StoreFailure) {
        do throws(PostgresError) {
            try await client.run(
                """
                INSERT INTO claims (key, digest, subject, answer, expires_at)
                VALUES (\(key), \(digest), \(subject), \(answer), now() + make_interval(secs => \(Double(Claim.idempotencyLifetime.components.seconds))))
                ON CONFLICT DO NOTHING
                """)
        } catch { throw StoreFailure(error) }
    }
}
