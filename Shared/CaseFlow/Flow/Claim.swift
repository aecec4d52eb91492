import Models

/// A name that the first who takes it keeps: an idempotency key, or the fingerprint of what somebody wrote.
///
/// Always a SHA-256 digest or a keyed hash, so that the table of claims says nothing about people.
public struct ClaimKey: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    public init(digest: some Sequence<UInt8>) { bytes = Array(digest) }
}

/// What is recorded under a taken name.
public struct Claim: Hashable, Sendable {
    public let key: ClaimKey
    /// The digest of the request that took the name; empty where any request fits.
    public let digest: [UInt8]
    /// The subject of the decision that took it.
    public let subject: Subject
    /// The answer that was given.
    public let answer: [UInt8]
    /// From when on it may be forgotten; nil keeps it for good.
    public let expires: Instant?

    public init(key: ClaimKey, digest: [UInt8], subject: Subject, answer: [UInt8], expires: Instant?) {
        self.key = key
        self.digest = digest
        self.subject = subject
        self.answer = answer
        self.expires = expires
    }

    /// How long the answer under an Idempotency-Key is kept at least.
    static var idempotencyLifetime: Duration { .seconds(7 * 86_400) }

    /// What a request with this digest is told under the name: what was answered then, or that the name stands for another request.
    func answer(to digest: [UInt8]) -> Answer {
        if self.digest == digest { return .repeated(answer) }
        return .refused(
            Refusal(
                .invalid, rule: "idempotency-key-reused",
                sentence: "this Idempotency-Key was used before with another body; use a new key for a new request"))
    }
}

/// A command on its way to the case it is about.
public struct Request<Command: Sendable>: Sendable {
    public var subject: Subject
    /// Whether the subject was named for this command, so that most likely nothing is stored of it.
    public var isFirst: Bool
    public var command: Command
    /// Makes the command take effect once: the key, and the digest of the request's body.
    public var idempotency: (key: ClaimKey, digest: [UInt8])?
    /// Other names that the decision wants to look up or take.
    public var claims: [ClaimKey]
    public var traceparent: String?

    public init(
        subject: Subject, isFirst: Bool = false, command: Command, idempotency: (key: ClaimKey, digest: [UInt8])? = nil,
        claims: [ClaimKey] = [], traceparent: String? = nil
    ) {
        self.subject = subject
        self.isFirst = isFirst
        self.command = command
        self.idempotency = idempotency
        self.claims = claims
        self.traceparent = traceparent
    }
}

/// What became of a request.
public enum Answer: Sendable, Hashable {
    /// It took effect now.
    case done([UInt8])
    /// It had taken effect before, under the same idempotency key; this is the answer given then.
    case repeated([UInt8])
    case refused(Refusal)
}
