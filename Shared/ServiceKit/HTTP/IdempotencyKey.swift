import HTTPTypes
public import Hummingbird

/// The key by which a client marks repeated sendings of one command, from the `Idempotency-Key` header.
///
/// One to 255 visible ASCII characters. A value in double quotes, as the structured form of the header has it, is the same key
/// as the value without them.
public struct IdempotencyKey: Sendable, Hashable, CustomStringConvertible {
    public static let maximumLength = 255

    public let value: String
    public var description: String { value }

    /// Nil when the text is empty, too long, or holds a space, a control character or anything outside ASCII.
    public init?(_ text: some StringProtocol) {
        var text = Substring(text)
        if text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
        guard (1...Self.maximumLength).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        value = String(text)
    }

    /// The request's key, or nil when it has none; throws a problem when the header is not valid or stands there twice.
    public static func optional(in request: Request) throws(Problem) -> IdempotencyKey? {
        let values = request.headers[values: headerName]
        guard let first = values.first else { return nil }
        guard values.count == 1, let key = IdempotencyKey(first) else {
            throw Problem(
                .idempotencyKeyInvalid,
                detail: "The header Idempotency-Key must stand once and hold 1 to 255 visible ASCII characters: send a UUID, for example.")
        }
        return key
    }

    /// The request's key; throws a problem when it has none or the header is not valid.
    public static func required(in request: Request) throws(Problem) -> IdempotencyKey {
        if let key = try optional(in: request) { return key }
        throw Problem(
            .idempotencyKeyMissing,
            detail: "Send the header Idempotency-Key with a value of your own choice, and the same value when you repeat this request.")
    }

    private static let headerName = HTTPField.Name.idempotencyKey
}
