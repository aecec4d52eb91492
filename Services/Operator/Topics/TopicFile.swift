import FoundationEssentials
import Routing

/// Messages with their topics, read from a CSV file.
struct TopicFile {
    /// A line that cannot be used, and why.
    struct Fault: Equatable {
        var line: Int
        var reason: String
    }

    private(set) var examples: [TopicExample] = []
    private(set) var faults: [Fault] = []

    /// Reads a file; throws a sentence when it cannot be opened or is no such table.
    init(path: String) throws(CommandFailure) {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw CommandFailure("The file \(path) cannot be read: check its name and that you may read it.")
        }
        try self.init(Array(data), name: path)
    }

    /// Reads the bytes of the file `name`.
    init(_ bytes: [UInt8], name: String) throws(CommandFailure) {
        var reader = CSVReader(bytes)
        guard case .record(_, let header)? = reader.next() else {
            throw CommandFailure("\(name) has no header line that can be read: it names the columns, as in text,topic.")
        }
        let names = header.map { Self.trimmed($0).lowercased() }
        guard let topic = names.firstIndex(of: "topic") else { throw Self.missing("topic", name) }
        let texts: [Int]
        if let text = names.firstIndex(of: "text") {
            texts = [text]
        } else if let title = names.firstIndex(of: "title"), let narrative = names.firstIndex(of: "narrative") {
            texts = [title, narrative]
        } else if names.contains("title") {
            throw Self.missing("narrative", name)
        } else {
            throw Self.missing(names.contains("narrative") ? "title" : "text", name)
        }
        while let item = reader.next() {
            switch item {
            case .fault(let line, let reason): faults.append(Fault(line: line, reason: "\(reason); mend the line"))
            case .record(let line, let fields):
                let label = Self.trimmed(fields[topic])
                if label.isEmpty {
                    faults.append(Fault(line: line, reason: "its topic is empty; name the topic or take the line out"))
                } else if texts.allSatisfy({ Self.trimmed(fields[$0]).isEmpty }) {
                    faults.append(Fault(line: line, reason: "it has no text; fill it in or take the line out"))
                } else if texts.count == 2 {
                    examples.append(TopicExample(title: fields[texts[0]], narrative: fields[texts[1]], topic: label))
                } else {
                    examples.append(TopicExample(text: fields[texts[0]], topic: label))
                }
            }
        }
        if examples.isEmpty {
            let why = faults.first.map { ": line \($0.line) is left out, because \($0.reason)" } ?? ""
            throw CommandFailure("\(name) has no line that can be used\(why).")
        }
    }

    /// What is said of the lines that were left out; the first twenty one by one.
    func complaints(name: String) -> [String] {
        let most = 20
        var lines = faults.prefix(most).map { "\(name), line \($0.line): left out, because \($0.reason.shown)." }
        if faults.count > most { lines.append("\(name): \(faults.count - most) more lines were left out.") }
        return lines
    }

    private static func missing(_ column: String, _ name: String) -> CommandFailure {
        CommandFailure(
            "\(name) has no column \(column): the header names text,topic or title,narrative,topic, in any order.")
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
