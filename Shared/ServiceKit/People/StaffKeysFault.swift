/// Says what is wrong with a file of staff keys, as the end of a sentence that begins with the file.
struct StaffKeysFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
