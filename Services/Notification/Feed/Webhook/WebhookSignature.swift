import Crypto
import FoundationEssentials
import Models

/// Signs requests as Standard Webhooks 1.0 says: HMAC-SHA-256 over identifier, time and body.
package enum WebhookSignature {
    /// The headers of a request; with two secrets there are two signatures, of which a receiver needs one.
    package static func headers(id: String, at time: Instant, body: [UInt8], secrets: [String]) -> [WebhookRequest.Header] {
        let stamp = "\(time.microseconds / 1_000_000)"
        let signatures = secrets.compactMap { key(of: $0) }.map { key in
            var mac = HMAC<SHA256>(key: key)
            mac.update(data: Array("\(id).\(stamp).".utf8))
            mac.update(data: body)
            return "v1," + Data(mac.finalize()).base64EncodedString()
        }
        return [
            .init("webhook-id", id), .init("webhook-timestamp", stamp), .init("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    /// The key that a secret spells: base64 after `whsec_`.
    private static func key(of secret: String) -> SymmetricKey? {
        guard secret.hasPrefix("whsec_"), let bytes = Data(base64Encoded: String(secret.dropFirst(6))) else { return nil }
        return SymmetricKey(data: bytes)
    }
}
