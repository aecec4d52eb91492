import Foundation
import Models
import Yams

/// One file of the county, read and parsed.
struct CountyFile {
    /// More than any county needs, and little enough to parse at once.
    static let largestSize = 1_048_576

    let name: String
    let root: Item

    /// Reads a file; every reason why it cannot be used goes to `notes`, and then there is no file.
    init?(_ name: String, in directory: URL, notes: CompilerNotes) {
        let place = Place(file: name, line: 1)
        let path = directory.appendingPathComponent(name).path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            notes.mistake(place, "the file is missing or cannot be read", "Write it, or allow reading it.")
            return nil
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            notes.mistake(place, "this is no plain file", "Put the file itself here, no link or directory.")
            return nil
        }
        guard let size = attributes[.size] as? Int, size <= Self.largestSize else {
            notes.mistake(place, "the file is larger than \(Self.largestSize / 1024) KiB", "Split it or leave something out.")
            return nil
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            notes.mistake(place, "the file cannot be read", "Allow reading it.")
            return nil
        }
        self.init(name, bytes: Array(data), notes: notes)
    }

    init?(_ name: String, bytes: [UInt8], notes: CompilerNotes) {
        self.name = name
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) || bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            notes.mistake(Place(file: name, line: 1), "the file begins with a byte order mark", "Save it as UTF-8 without BOM.")
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            notes.mistake(
                Place(file: name, line: Self.firstInvalidLine(bytes)), "a character here is not UTF-8", "Save the file as UTF-8.")
            return nil
        }
        let faults = YAMLGuard.faults(in: text)
        guard faults.isEmpty else {
            for fault in faults { notes.mistake(Place(file: name, line: fault.line), fault.reason, fault.remedy) }
            return nil
        }
        do {
            guard let node = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else {
                notes.mistake(Place(file: name, line: 1), "the file is empty", "Write its content, as in the sample county.")
                return nil
            }
            root = Item(node: node, file: name, above: 1, notes: notes)
        } catch {
            Self.report(error, name, text, notes)
            return nil
        }
    }

    /// Turns the parser's error into a mistake with its line.
    private static func report(_ error: any Error, _ name: String, _ text: String, _ notes: CompilerNotes) {
        let (line, problem): (Int, String) =
            switch error as? YamlError {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
                (mark.line, problem)
            case .duplicatedKeysInMapping(let keys, let context):
                (context.mark.line, "the key \"\(keys.first ?? "")\" is given twice in the group that begins here")
            case .reader(let problem, _, _, _): (1, problem)
            default: (1, "the file is no YAML")
            }
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        notes.mistake(
            Place(file: name, line: min(max(1, line), lines)), problem, "Correct the YAML here or just above; mind indentation and quotes.")
    }

    private static func firstInvalidLine(_ bytes: [UInt8]) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }
}
