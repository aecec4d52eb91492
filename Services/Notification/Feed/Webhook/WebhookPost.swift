import Crypto
import Models

/// Spells entries as requests of a webhook (CloudEvents HTTP binding 1.0).
struct WebhookPost: Sendable {
    let target: WebhookTarget
    let form: SubscriptionDefinition.Form
    /// Signatures are made with these, the current one first.
    var secrets: [String]

    /// How many entries one request may carry.
    var most: Int { form == .batch ? 100 : 1 }

    /// The request for entries that follow each other: one of them unless the form is a batch.
    ///
    /// Its identifier is that of the event, always the same at each try, by which a receiver knows it again; a batch has one of its own, and
    /// its events theirs.
    func request(_ entries: [NumberedEntry], of code: SubscriptionCode, at now: Instant) -> WebhookRequest? {
        guard let first = entries.first else { return nil }
        switch form {
        case .structured:
            return post(first.document, "application/cloudevents+json", id: first.event.description, now)
        case .batch:
            let body = Array("[".utf8) + entries.map(\.document).joined(separator: Array(",".utf8)) + Array("]".utf8)
            return post(body, "application/cloudevents-batch+json", id: Self.name(of: entries, in: code), now)
        case .binary:
            guard case .object(var members)? = try? JSONValue(parsing: first.body), let data = members.removeValue(forKey: "data") else {
                return nil
            }
            members["position"] = .string("\(first.number)")
            let type = members.removeValue(forKey: "datacontenttype")?.attribute ?? "application/json"
            let headers = members.sorted { $0.key < $1.key }.map { WebhookRequest.Header("ce-\($0.key)", Self.escaped($0.value.attribute)) }
            return post(data.canonical, type, id: first.event.description, now, headers)
        }
    }

    /// A request that tells of nothing, to see whether the end hears.
    func test(of code: SubscriptionCode, id: EventID, at now: Instant) -> WebhookRequest? {
        let body = JSONValue.object([
            "specversion": "1.0", "id": .string(id.description), "source": .string(FeedLanguage.source),
            "type": .string(FeedLanguage.test), "time": .string(now.description), "subject": .string(code.text),
            "datacontenttype": "application/json", "data": .object([:]),
        ])
        let entry = NumberedEntry(
            number: 0, position: 0, event: id, subject: Subject(UniqueID(high: 0, low: 0)), type: FeedLanguage.test, time: now,
            body: body.canonical)
        return request([entry], of: code, at: now)
    }

    /// The identifier of a batch: the same for the same events in the same order, and for no others.
    private static func name(of entries: [NumberedEntry], in code: SubscriptionCode) -> String {
        let digest = SHA256.hash(data: Array(entries.map(\.event.description).joined(separator: " ").utf8))
        return "\(code)." + digest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func post(
        _ body: [UInt8], _ type: String, id: String, _ now: Instant, _ headers: [WebhookRequest.Header] = []
    ) -> WebhookRequest {
        WebhookRequest(
            method: .post, target: target,
            headers: [.init("content-type", type), .init("user-agent", "huiyin-notification")] + headers
                + WebhookSignature.headers(id: id, at: now, body: body, secrets: secrets),
            body: body)
    }

    /// A value as a header may carry it: what is not printable ASCII, and space, quote and percent, as `%XX` (section 3.1.3.2).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            (0x21...0x7E).contains(byte) && byte != 0x22 && byte != 0x25
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}

extension JSONValue {
    /// The value as an attribute's text.
    fileprivate var attribute: String { if case .string(let text) = self { text } else { text } }
}
