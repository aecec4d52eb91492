/// One mistake in a county's files, with the place to put it right.
public struct CountyMistake: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The file, relative to the county's directory.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// What is wrong, without a full stop.
    public let reason: String
    /// What to do, as a sentence.
    public let remedy: String

    public init(file: String, line: Int, reason: String, remedy: String) {
        self.file = file
        self.line = line
        self.reason = reason
        self.remedy = remedy
    }

    public var description: String { "\(file):\(line): \(reason). \(remedy)" }

    public static func < (left: CountyMistake, right: CountyMistake) -> Bool {
        (left.file, left.line, left.reason) < (right.file, right.line, right.reason)
    }
}

/// All mistakes that were found, in the order of files and lines; never empty.
public struct CountyMistakes: Error, Hashable, Sendable, CustomStringConvertible {
    public let list: [CountyMistake]

    public init(list: [CountyMistake]) { self.list = list }

    public var description: String { list.map(\.description).joined(separator: "\n") }
}

/// A line of a file.
struct Place: Hashable {
    var file: String
    var line: Int
}
