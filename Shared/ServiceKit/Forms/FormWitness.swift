import Synchronization

/// Notes which fields a form asks for and what it takes in each, so that tests can hold the OpenAPI documents to the forms.
///
/// In a running service there is none.
final class FormWitness: Sendable {
    /// What a form takes in a field.
    enum Field: Equatable, Sendable {
        /// A text of at most so many characters.
        case text(longest: Int)
        /// One of these words.
        case words([String])
        case code
        case integer(ClosedRange<Int>)
        case flag, list, object
    }

    @TaskLocal static var current: FormWitness?

    private let asked = Mutex<[String: Field]>([:])

    /// The fields by their JSON pointers.
    var fields: [String: Field] { asked.withLock { $0 } }

    /// Notes a field; what is said last of it counts, because a code is read as a text first.
    func note(_ pointer: String, _ field: Field) { asked.withLock { $0[pointer] = field } }
}
