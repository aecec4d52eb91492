/// Why a mail was not handed over.
///
/// The message holds codes and never the server's own words, which tend to repeat the recipient's address.
public struct SMTPError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The server's address is not one.
        case address
        /// The mail has a field that cannot be sent: it is wrong in itself.
        case mail
        /// The server could not be reached, or did not greet.
        case connectionFailed
        /// The server's certificate is not one that is trusted, or is for another name.
        case certificate
        /// The server offers no TLS, and without it nothing is sent.
        case noTLS
        /// The user or the password was refused.
        case loginRefused
        /// The server takes no mail from this sender.
        case senderRefused
        /// The server will never take a mail for this recipient.
        case recipientRefused
        /// The server will never take this content.
        case contentRefused
        /// The server does not take the mail now: greylisting, a full mailbox, a rate limit.
        case notNow
        /// The connection broke; a mail whose content was under way may have arrived.
        case connectionLost
        /// The time was over; a mail whose content was under way may have arrived.
        case timedOut
        /// The sending task was cancelled, or the connection closed.
        case cancelled
        /// libcurl lacks what is needed: memory, or support of mail.
        case library
    }

    /// Whom an error speaks of.
    public enum Culprit: Sendable, Hashable {
        /// The server or the way to it: another mail would have met the same.
        case server
        /// This mail alone.
        case mail
        /// One of the two: it broke while this mail was under way.
        case either
    }

    public let code: Code
    /// libcurl's `CURLcode`, such as 28 for a timeout; 0 when libcurl was not asked.
    public let curlCode: UInt32
    /// The reply of the server that ended it, such as 451; nil when there was none.
    public let replyCode: Int?
    public let culprit: Culprit
    public let message: String

    public init(_ code: Code, _ message: String, curlCode: UInt32 = 0, replyCode: Int? = nil, culprit: Culprit = .mail) {
        self.code = code
        self.message = message
        self.curlCode = curlCode
        self.replyCode = replyCode
        self.culprit = culprit
    }

    /// Whether the same mail may be taken later, perhaps after somebody has mended the server or its settings.
    public var isRetryable: Bool {
        switch code {
        case .address, .mail, .recipientRefused, .contentRefused: false
        case .connectionFailed, .certificate, .noTLS, .loginRefused, .senderRefused, .notNow, .connectionLost, .timedOut, .cancelled,
            .library:
            true
        }
    }

    public var description: String { message }
}
