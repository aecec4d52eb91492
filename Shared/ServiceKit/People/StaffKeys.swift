import JWTKit
public import Logging
public import Models
import Synchronization

/// The public keys of staff tokens, from a JWKS file (RFC 7517) that is read again whenever it has changed.
///
/// Tokens are verified here, by these keys and this clock alone; nobody is asked. What the file says now counts: a key that was
/// taken out is retired within `interval`, and a file that is missing or damaged holds no keys until it is put right.
public final class StaffKeys: Sendable {
    /// How long keys count without another look at the file.
    public static let interval = Duration.seconds(2)
    /// A key that is not known is looked for again when the last look is older than this: it may have just been made.
    static let eagerInterval = Duration.milliseconds(100)
    /// A longer token is refused unread.
    static let tokenLimit = 4096

    private struct State {
        var keys: [String: StaffKey]
        /// Nil when the file was not there.
        var stamp: StaffKeyFile.Stamp?
        /// What was last wrong with the file, so that it is said once and tried again.
        var fault: StaffKeysFault?
        var looked: Instant
        var verified = VerifiedTokens()
        /// Counts readings, so that no token is remembered that was verified by keys of an earlier one.
        var reading = 0
    }

    private let file: StaffKeyFile
    private let now: @Sendable () -> Instant
    private let state: Mutex<State>

    /// Reads the file for the first time; throws a sentence when it is missing or holds something else.
    public init(file path: String, now: @escaping @Sendable () -> Instant = { SystemTime.now }) throws(ConfigurationError) {
        file = StaffKeyFile(path: path)
        self.now = now
        let stamp = file.stamp
        do {
            state = Mutex(State(keys: try file.keys(), stamp: stamp, looked: now()))
        } catch {
            throw ConfigurationError(
                variable: Setting.staffKeysFile.name,
                sentence: "HUIYIN_STAFF_KEYS names \(path), which \(error): give it the jwks.json that huiyin token keys make writes.")
        }
    }

    /// Who a token speaks for; throws why it is refused.
    public func verify(_ token: String, logger: Logger) async throws(StaffTokenFault) -> StaffToken {
        guard token.utf8.count <= Self.tokenLimit else { throw .malformed }
        let now = now()
        let digest = VerifiedTokens.digest(token)
        look(ifOlderThan: Self.interval, at: now, logger: logger)
        let known = state.withLock { state in Result { () throws(StaffTokenFault) in try state.verified.find(digest, at: now) } }
        if let known = try known.get() { return known }
        let header = try Self.header(of: token)
        let (key, reading) = try key(header, at: now, logger: logger)
        let verified = try StaffToken(try await key.claims(of: token), at: now)
        state.withLock { state in
            if state.reading == reading { state.verified.keep(verified, as: digest, at: now) }
        }
        return verified
    }

    private func key(_ header: JWTHeader, at now: Instant, logger: Logger) throws(StaffTokenFault) -> (StaffKey, reading: Int) {
        // A header that demands something we do not know must not be passed over (RFC 7515, section 4.1.11).
        guard header.fields["crit"] == nil else { throw .wrongAlgorithm }
        guard let algorithm = header.alg, algorithm == "EdDSA" || algorithm == "ES256" else { throw .wrongAlgorithm }
        guard let id = header.kid else { throw .noKeyID }
        func find() -> (StaffKey, reading: Int)? {
            state.withLock { state in state.keys[id].map { ($0, state.reading) } }
        }
        var found = find()
        if found == nil {
            look(ifOlderThan: Self.eagerInterval, at: now, logger: logger)
            found = find()
        }
        guard let found else { throw .unknownKey }
        guard found.0.algorithm == algorithm else { throw .wrongAlgorithm }
        return found
    }

    /// Reads the file again when the last look is older and it has changed since.
    private func look(ifOlderThan limit: Duration, at now: Instant, logger: Logger) {
        let file = file
        let news = state.withLock { state -> Result<Int, StaffKeysFault>? in
            // A clock that was set back must not keep old keys in force.
            guard now < state.looked || now - state.looked >= limit else { return nil }
            state.looked = now
            let stamp = file.stamp
            guard stamp != state.stamp || state.fault != nil else { return nil }
            let keys = Result { () throws(StaffKeysFault) in try file.keys() }
            let fault: StaffKeysFault? = if case .failure(let fault) = keys { fault } else { nil }
            let isKnown = fault != nil && fault == state.fault
            state.keys = (try? keys.get()) ?? [:]
            state.stamp = stamp
            state.fault = fault
            state.verified.forgetAll()
            state.reading += 1
            return isKnown ? nil : keys.map(\.count)
        }
        switch news {
        case .success(let count): logger.info("staff keys read again", metadata: .of([.count: "\(count)"]))
        case .failure(let fault):
            logger.error(
                "staff tokens are refused until the file of staff keys is put right",
                metadata: .of([.error: "the file that HUIYIN_STAFF_KEYS names \(fault)"]))
        case nil: break
        }
    }

    private static func header(of token: String) throws(StaffTokenFault) -> JWTHeader {
        do {
            return try DefaultJWTParser().parse(Array(token.utf8), as: StaffClaims.self).header
        } catch {
            throw .malformed
        }
    }
}
