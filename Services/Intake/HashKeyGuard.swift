import Models
import Postgres
import ServiceKit

/// Sees to it that hashes of persons and query codes come from the key that the house began with.
///
/// From another key nobody would be known again, and no code on a receipt would open its case.
enum HashKeyGuard {
    /// Throws the sentence that says which key is missing at the front of the list.
    static func check(_ seal: SealKey, on client: PostgresClient) async throws {
        try await client.run("INSERT INTO hash_key (id) VALUES (\(seal.hashID)) ON CONFLICT DO NOTHING")
        let first: String? = try await client.run("SELECT id FROM hash_key").first?.value(0)
        guard let first, first != seal.hashID else { return }
        throw StartupFailure(
            "HUIYIN_SEAL_KEYS_OLD: hashes and query codes of this house come from the key \(first), and those of these settings would come from \(seal.hashID): put the key that the house began with at the front of the list."
        )
    }
}
