import Glibc
import Models

/// The editions of the county definition that this process has prepared.
final class CountyShelf: @unchecked Sendable {
    // @unchecked Sendable: `known` is reached only while `lock` is held. A pthread lock, because ThreadSanitizer
    // understands no other.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var known = CountyBook()

    init() {
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    func knows(_ version: String) -> Bool { locked { $0.knows(version) } }

    func add(_ edition: CountyBook.Edition) { locked { $0.add(edition) } }

    func add(canonicalJSON bytes: [UInt8]) throws(CountyError) { add(try CountyBook.Edition(CountyDefinition(canonicalJSON: bytes))) }

    func book(inForce version: String?) -> CountyBook {
        var book = locked { $0 }
        if let version { book.putInForce(version) }
        return book
    }

    private func locked<R>(_ body: (inout CountyBook) -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(&known)
    }
}
