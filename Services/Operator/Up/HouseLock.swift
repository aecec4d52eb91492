import Glibc

/// Makes sure that one supervisor runs per house: a lock (flock(2)) that the kernel frees when its holder dies.
final class HouseLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Takes the lock, as soon as it is free within `patience`; nil when another process holds it for longer.
    ///
    /// The system lets go of a dead process's lock a little after it shows the process as dead.
    static func take(_ folder: HouseFolder, within patience: Duration) async throws(UpFailure) -> HouseLock? {
        let end = ContinuousClock.now + patience
        while true {
            if let lock = try take(folder) { return lock }
            if end <= .now { return nil }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Takes the lock; nil when another process holds it.
    ///
    /// Children do not inherit it (O_CLOEXEC).
    static func take(_ folder: HouseFolder) throws(UpFailure) -> HouseLock? {
        let descriptor = open(folder.lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UpFailure("\(folder.lockFile) cannot be opened (\(systemWords(errno))): run huiyin as the user who first ran `up`.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw UpFailure("\(folder.lockFile) cannot be locked (\(systemWords(code))): put the clone on a local disk.")
        }
        return HouseLock(descriptor: descriptor)
    }
}
