/// Why a command could not do what it was asked, as a sentence for the person who typed it.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) { description = sentence }
}
