import Models
import NIOConcurrencyHelpers

/// The editions of the county definition that this process has prepared.
final class CountyShelf: Sendable {
    private let book = NIOLockedValueBox(CountyBook())

    func knows(_ version: String) -> Bool { book.withLockedValue { $0.knows(version) } }

    func add(_ edition: CountyBook.Edition) { book.withLockedValue { $0.add(edition) } }

    func add(canonicalJSON bytes: [UInt8]) throws(CountyError) { add(try CountyBook.Edition(CountyDefinition(canonicalJSON: bytes))) }

    func book(inForce version: String?) -> CountyBook {
        var book = book.withLockedValue { $0 }
        if let version { book.putInForce(version) }
        return book
    }
}
