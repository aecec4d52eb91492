import Models
import Postgres

/// The messages that are committed and not yet confirmed.
extension PostgresStore {
    public func takeOutbox(_ lane: OutboxLane, limit: Int) async throws(StoreFailure) -> [OutboxRow] {
        do {
            let rows = try await client.run(
                """
                WITH due AS (
                    SELECT id FROM outbox WHERE id IN (
                        SELECT id FROM outbox WHERE lane = \(lane.rawValue) AND sweepable_at <= now() ORDER BY sweepable_at, id LIMIT \(4 * limit))
                    AND sweepable_at <= now() ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED
                ), taken AS (
                    UPDATE outbox SET sweepable_at = now() + interval '30 seconds' WHERE id IN (SELECT id FROM due) RETURNING id, bundle
                )
                SELECT t.id, b.exchange, b.routing_key, b.content_type, b.body FROM taken t JOIN bundles b ON b.id = t.bundle ORDER BY t.id
                """)
            return try rows.compactMap { row in
                guard let exchange = OutboundMessage.Exchange(rawValue: try row.value(1)) else { return nil }
                return OutboxRow(
                    id: try row.value(0),
                    message: OutboundMessage(
                        exchange: exchange, routingKey: try row.value(2), contentType: try row.value(3), body: try row.value(4)))
            }
        } catch { throw StoreFailure(error) }
    }

    public func forgetOutbox(_ ids: [Int64]) async throws(StoreFailure) {
        if ids.isEmpty { return }
        do throws(PostgresError) { try await client.run("DELETE FROM outbox WHERE id = ANY(\(ids))") } catch {
            throw StoreFailure(error)
        }
    }

    public func resend() async throws(StoreFailure) -> Int {
        do { return try await client.run(KeptBundles.resend(since: nil)).first?.value(0) ?? 0 } catch { throw StoreFailure(error) }
    }
}
