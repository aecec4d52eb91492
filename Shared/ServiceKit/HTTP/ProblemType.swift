import HTTPTypes

/// A kind of problem that the API can answer with: its stable slug, its title and its status.
///
/// The slugs that all services share are listed here; a service lists its own the same way, in one file of its own. A slug is
/// part of the API: it is never renamed and never given another meaning.
public struct ProblemType: Sendable, Hashable {
    /// Lower-case words with hyphens.
    public let slug: String
    /// A short sentence without the particulars of one occurrence.
    public let title: String
    public let status: HTTPResponse.Status

    public init(_ slug: String, title: String, status: HTTPResponse.Status) {
        self.slug = slug
        self.title = title
        self.status = status
    }

    /// The URI in a problem document: `urn:huiyin:problem:<slug>`.
    public var uri: String { "urn:huiyin:problem:\(slug)" }

    public static let malformedRequest = Self("malformed-request", title: "The request could not be read", status: .badRequest)
    public static let unauthenticated = Self("unauthenticated", title: "A valid token is needed", status: .unauthorized)
    public static let forbidden = Self("forbidden", title: "This is not allowed", status: .forbidden)
    public static let staffRoutesClosed = Self(
        "staff-routes-closed", title: "This service was started with neither an operator token nor staff keys", status: .forbidden)
    public static let notFound = Self("not-found", title: "Nothing is found here", status: .notFound)
    public static let methodNotAllowed = Self(
        "method-not-allowed", title: "This method is not allowed here", status: .methodNotAllowed)
    public static let conflict = Self("conflict", title: "The present state does not allow this", status: .conflict)
    public static let bodyTooLarge = Self("body-too-large", title: "The body is too large", status: .contentTooLarge)
    public static let unsupportedMediaType = Self(
        "unsupported-media-type", title: "The body has an unsupported type", status: .unsupportedMediaType)
    public static let invalidContent = Self("invalid-content", title: "The content is not valid", status: .unprocessableContent)
    public static let idempotencyKeyMissing = Self(
        "idempotency-key-missing", title: "An idempotency key is needed", status: .badRequest)
    public static let idempotencyKeyInvalid = Self(
        "idempotency-key-invalid", title: "The idempotency key is not valid", status: .badRequest)
    public static let idempotencyKeyReused = Self(
        "idempotency-key-reused", title: "The idempotency key was used for another request", status: .unprocessableContent)
    public static let tooManyRequests = Self("too-many-requests", title: "Too many requests", status: .tooManyRequests)
    public static let internalError = Self("internal-error", title: "The service met an unexpected error", status: .internalServerError)
    public static let methodUnknown = Self("method-unknown", title: "This method is not known", status: .notImplemented)
    public static let unavailable = Self("unavailable", title: "The service cannot do this now", status: .serviceUnavailable)
    public static let notReady = Self("not-ready", title: "The service is not ready", status: .serviceUnavailable)

    /// Every slug that all services share.
    public static let shared: [Self] = [
        malformedRequest, unauthenticated, forbidden, staffRoutesClosed, notFound, methodNotAllowed, conflict, bodyTooLarge,
        unsupportedMediaType, invalidContent, idempotencyKeyMissing, idempotencyKeyInvalid, idempotencyKeyReused, tooManyRequests,
        internalError, methodUnknown, unavailable, notReady,
    ]
}
