import Models
import Postgres

/// What keeps the tables of a service small, and counts what waits in them.
extension PostgresStore {
    /// Makes the monthly partitions of `table` for the next hundred days, where they are missing.
    public func addMonths(to table: String) async throws(StoreFailure) {
        do throws(PostgresError) { try await client.run("SELECT add_months(\(table)::name, (now() + interval '100 days')::date)") } catch {
            throw StoreFailure(error)
        }
    }

    /// Deletes bundles that were confirmed and are older than `age`.
    public func purgeBundles(olderThan age: Duration) async throws(StoreFailure) {
        do throws(PostgresError) {
            while try await client.run(KeptBundles.purge(olderThan: age)).count == KeptBundles.largestPurge {}
        } catch { throw StoreFailure(error) }
    }

    /// Deletes idempotency keys whose time is over.
    public func purgeClaims() async throws(StoreFailure) {
        do throws(PostgresError) {
            try await client.run(
                "DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE expires_at < now() ORDER BY expires_at LIMIT 10000)")
        } catch { throw StoreFailure(error) }
    }

    /// How many rows wait: unsent messages, held events, dead letters.
    public func figures() async throws(StoreFailure) -> (outbox: Int, held: Int, dead: Int) {
        do {
            let row = try await client.run(
                "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM held), (SELECT count(*) FROM dead_letters)")
            guard let row = row.first else { return (0, 0, 0) }
            return (try row.value(0), try row.value(1), try row.value(2))
        } catch { throw StoreFailure(error) }
    }
}
