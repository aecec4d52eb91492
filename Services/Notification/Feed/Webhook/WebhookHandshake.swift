/// Asks an address whether it wants what will be posted to it (CloudEvents, HTTP 1.1 web hooks for event delivery, section 4).
///
/// So nobody can be flooded by whoever enters somebody else's address.
struct WebhookHandshake: Sendable {
    /// What the end grants.
    struct Grant: Sendable, Hashable {
        /// Requests a minute; nil for any number.
        var rate: Int?
    }

    /// Who asks, such as `huiyin.example.gov.cn`.
    let origin: String

    func request(to target: WebhookTarget) -> WebhookRequest {
        WebhookRequest(
            method: .options, target: target,
            headers: [.init("webhook-request-origin", origin), .init("user-agent", "huiyin-notification")], body: [])
    }

    /// What the answer grants; throws a sentence when it grants nothing.
    func grant(in reply: WebhookReply) throws(TargetRefusal) -> Grant {
        guard (200..<300).contains(reply.status) else {
            throw TargetRefusal(
                "the address answered OPTIONS with \(reply.status): it must answer 200 with WebHook-Allowed-Origin: \(origin), or *")
        }
        let allowed = (reply.headers["webhook-allowed-origin"] ?? "").split(separator: ",").map { Self.trimmed($0) }
        guard allowed.contains("*") || allowed.contains(origin) else {
            throw TargetRefusal(
                "the address does not allow requests of \(origin): it must answer OPTIONS with WebHook-Allowed-Origin: \(origin), or *")
        }
        let rate = reply.headers["webhook-allowed-rate"].map { Self.trimmed($0[...]) }
        guard let rate, rate != "*" else { return Grant(rate: nil) }
        guard let number = Int(rate), number > 0 else {
            throw TargetRefusal("the address answered WebHook-Allowed-Rate: \(rate.prefix(20)), which is neither a number nor *")
        }
        return Grant(rate: number)
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
