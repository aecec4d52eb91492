import Crypto
import FoundationEssentials
import Glibc
import Logging
import Models

/// Tells who acts by a staff token, offline, with the keys of a JWKS file.
///
/// The file is read again when it has changed, so keys come and go without a restart; while it cannot be read, those that were read last
/// count. What was verified is remembered until it expires, at most 4,096 tokens, and forgotten when the keys change.
public actor StaffKeys {
    private let path: String
    private let logger: Logger
    private var keys: StaffKeySet?
    private var mark: FileMark?
    private var nextLook: ContinuousClock.Instant
    private var known: [SHA256Digest: (person: ActingPerson, expires: Int64)] = [:]

    /// What tells one content of a file from another.
    private struct FileMark: Equatable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private static let most = 4096
    private static let pause = Duration.seconds(2)

    public init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
        nextLook = .now
    }

    /// Who acts by `token`; throws the sentence that says why nobody does.
    func verify(_ token: some StringProtocol, at now: Instant = SystemTime.now) async throws(StaffTokenFault) -> ActingPerson {
        if ContinuousClock.now >= nextLook { look() }
        let digest = SHA256.hash(data: Array(token.utf8))
        if let found = known[digest], found.expires > now.microseconds / 1_000_000 { return found.person }
        guard let keys else {
            throw StaffTokenFault("No staff keys can be read here; the administrator looks at HUIYIN_STAFF_KEYS.")
        }
        let mark = mark
        let found = try await keys.verify(String(token), at: now)
        // While the signature was looked at, the keys may have changed.
        if mark == self.mark {
            if known.count >= Self.most { known.removeAll() }
            known[digest] = found
        }
        return found.person
    }

    private func look() {
        nextLook = .now + Self.pause
        var status = stat()
        guard stat(path, &status) == 0 else {
            return logger.error("the staff keys cannot be read", metadata: .of([.reason: "\(String(cString: strerror(errno)))"]))
        }
        let found = FileMark(
            inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
        if found == mark { return }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            return logger.error("the staff keys cannot be read", metadata: .of([.reason: "no permission"]))
        }
        do throws(StaffTokenFault) {
            keys = try StaffKeySet(jwks: Array(data))
            mark = found
            known.removeAll()
        } catch {
            logger.error("the staff keys cannot be read", metadata: .of([.reason: "\(error)"]))
        }
    }
}
