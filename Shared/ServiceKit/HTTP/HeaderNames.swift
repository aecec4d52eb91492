public import HTTPTypes

extension HTTPField.Name {
    /// Trace Context (W3C).
    static let traceparent = name("traceparent")
    static let idempotencyKey = name("Idempotency-Key")
    /// Says that an answer had been given before, under the same idempotency key.
    public static let idempotentReplayed = name("Idempotent-Replayed")
    /// The query code of a receipt, which opens the case to its petitioner.
    public static let queryCode = name("Query-Code")
    static let crossOriginResourcePolicy = name("Cross-Origin-Resource-Policy")
    static let referrerPolicy = name("Referrer-Policy")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is not a header name: correct it in HeaderNames.swift") }
        return name
    }
}
