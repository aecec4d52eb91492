import Glibc

/// A user of this machine (`getpwnam_r`).
public struct Account: Sendable, Equatable {
    public let name: String
    public let id: uid_t
    public let group: gid_t

    /// Looks the user up; nil when there is none of that name.
    public init?(named name: String) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        self.name = name
        id = entry.pw_uid
        group = entry.pw_gid
    }

    /// Looks the user of this process up; nil when the machine has no entry for it.
    public static var current: Account? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else { return nil }
        return Account(named: String(cString: name))
    }
}
