import Crypto
import Models

/// Remembers tokens whose signature was found valid, until each expires, so that a busy desk costs one signature a day.
///
/// Only a hash of a token is kept, and only of valid ones: nobody fills the memory with tokens of their own making.
struct VerifiedTokens {
    let capacity: Int
    private var tokens: [SHA256Digest: StaffToken] = [:]

    init(capacity: Int = 1024) {
        self.capacity = capacity
    }

    var count: Int { tokens.count }

    static func digest(_ token: String) -> SHA256Digest { SHA256.hash(data: Array(token.utf8)) }

    mutating func find(_ digest: SHA256Digest, at now: Instant) throws(StaffTokenFault) -> StaffToken? {
        guard let token = tokens[digest] else { return nil }
        guard now < token.expires else {
            tokens[digest] = nil
            throw .expired
        }
        return token
    }

    /// When it is full, what has expired goes first, then what expires soonest.
    mutating func keep(_ token: StaffToken, as digest: SHA256Digest, at now: Instant) {
        if tokens.count >= capacity, tokens[digest] == nil {
            tokens = tokens.filter { now < $0.value.expires }
            if tokens.count >= capacity, let first = tokens.min(by: { $0.value.expires < $1.value.expires }) { tokens[first.key] = nil }
        }
        tokens[digest] = token
    }

    mutating func forgetAll() { tokens = [:] }
}
