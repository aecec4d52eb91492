import Glibc

/// A value that several threads use, one at a time.
final class Locked<Value>: @unchecked Sendable {
    // @unchecked Sendable: `value` is reached only while `lock` is held. A pthread lock and not `Synchronization.Mutex`, because
    // ThreadSanitizer understands the former only.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    init(_ value: sending Value) {
        self.value = value
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    func callAsFunction<R: Sendable>(_ body: (inout Value) throws -> R) rethrows -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
