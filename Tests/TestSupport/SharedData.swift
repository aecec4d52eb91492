import Foundation
import Testing

/// Data sets that lie beside the project and are not part of it.
public enum SharedData {
    public static let absence: Comment = "the folder shared/data beside the project is absent, so this test was skipped"

    /// The path of a data set, in the nearest directory above the sources that has it.
    public static func path(_ name: String) -> String? {
        var directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while directory.path != "/" {
            directory.deleteLastPathComponent()
            let path = directory.appendingPathComponent("shared/data/\(name)").path
            if FileManager.default.isReadableFile(atPath: path) { return path }
        }
        return nil
    }

    /// The rows of a CSV file by the names in its first line (RFC 4180).
    public static func rows(_ name: String) throws -> [[String: String]] {
        guard let path = path(name), let data = FileManager.default.contents(atPath: path) else { return [] }
        var (table, row, cell, isQuoted): ([[String]], [String], [UInt8], Bool) = ([], [], [], false)
        var bytes = data.makeIterator()
        var pending: UInt8?
        func text(_ cell: [UInt8]) -> String { String(decoding: cell, as: UTF8.self) }
        while let byte = pending ?? bytes.next() {
            pending = nil
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                let next = bytes.next()
                if next == byte { cell.append(byte) } else { (isQuoted, pending) = (false, next) }
            case UInt8(ascii: "\"") where cell.isEmpty: isQuoted = true
            case UInt8(ascii: ",") where !isQuoted:
                row.append(text(cell))
                cell = []
            case UInt8(ascii: "\n") where !isQuoted:
                row.append(text(cell))
                table.append(row)
                (row, cell) = ([], [])
            case UInt8(ascii: "\r") where !isQuoted: break
            default: cell.append(byte)
            }
        }
        if !cell.isEmpty || !row.isEmpty { table.append(row + [text(cell)]) }
        guard let names = table.first else { return [] }
        return table.dropFirst().map { Dictionary(zip(names, $0)) { first, _ in first } }
    }
}
