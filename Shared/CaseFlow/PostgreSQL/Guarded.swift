import Glibc

/// A value that several threads reach, one at a time.
final class Guarded<Value>: @unchecked Sendable {
    // @unchecked Sendable: `value` is reached only while `lock` is held. A pthread lock, because ThreadSanitizer understands no other.
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

    /// Runs `body` alone; it must not wait for anything.
    func callAsFunction<R: Sendable, E>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
