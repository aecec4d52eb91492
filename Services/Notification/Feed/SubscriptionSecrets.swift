import Crypto
import FoundationEssentials
import Models

/// What only a subscription's department and this service know: the key of a webhook's signatures, the password of a queue, or the token
/// that fetches.
///
/// It is shown once, when it is made; stored, it is sealed. After a rotation the former one counts as well for a while, so that a
/// department can change over without losing anything.
struct SubscriptionSecrets: Codable, Sendable, Hashable {
    var current: String
    var former: String?
    /// Until when the former one counts.
    var formerUntil: Instant?

    /// How long a former secret counts after a rotation.
    static let overlap = Duration.seconds(86_400)

    /// A new secret in the spelling that its kind uses.
    static func fresh(_ kind: SubscriptionDefinition.Kind, _ code: SubscriptionCode) -> String {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        switch kind {
        // As Standard Webhooks spell it.
        case .webhook: return "whsec_" + bytes.base64EncodedString()
        case .amqp: return Self.hexadecimal(bytes)
        // It names its subscription, so that one look finds what to compare with.
        case .pull: return "hyf_\(code)_" + Self.hexadecimal(bytes)
        }
    }

    /// The secrets after a rotation at `now`.
    func rotated(to secret: String, at now: Instant) -> SubscriptionSecrets {
        SubscriptionSecrets(current: secret, former: current, formerUntil: now + Self.overlap)
    }

    /// Those that count at `now`, the current one first.
    func counting(at now: Instant) -> [String] {
        [current] + (formerUntil.map { now < $0 } ?? false ? [former].compactMap { $0 } : [])
    }

    /// The subscription that a token for fetching names; nil for what is no such token.
    static func code(in token: String) -> SubscriptionCode? {
        let parts = token.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "hyf" else { return nil }
        return SubscriptionCode(String(parts[1]))
    }

    private static func hexadecimal(_ bytes: Data) -> String {
        bytes.map { (["0"] + [String($0, radix: 16)]).joined().suffix(2) }.joined()
    }
}
