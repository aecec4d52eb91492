/// Reads a CSV file (RFC 4180) record by record, and finds its way back after a broken one.
///
/// A record that cannot be read costs its own first line only: reading goes on with the next line, so a quote that is never
/// closed does not swallow the rest of the file. A byte order mark is skipped; lines may end with LF or CR LF.
struct CSVReader {
    /// One record with the number of its first line, from 1; or what is wrong with it.
    enum Item {
        case record(line: Int, fields: [String])
        case fault(line: Int, reason: String)
    }

    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    /// How many fields each record must have; set by the first one, the header.
    private var width: Int?
    /// A record with more bytes than this is broken.
    private let largestRecord = 1 << 20

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// The next record or fault, nil at the end; empty lines are passed over.
    mutating func next() -> Item? {
        while offset < bytes.count, bytes[offset] == 0x0A || bytes[offset] == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A
        {
            if bytes[offset] == 0x0A { line += 1 }
            offset += 1
        }
        guard offset < bytes.count else { return nil }
        let start = line
        do throws(Fault) {
            let (fields, end, lines) = try record(from: offset)
            if let width, fields.count != width {
                throw Fault(reason: "it has \(fields.count) fields where the header has \(width)")
            }
            width = width ?? fields.count
            offset = end
            line += lines
            return .record(line: start, fields: fields)
        } catch {
            while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
            offset += 1
            line += 1
            return .fault(line: start, reason: error.reason)
        }
    }

    private struct Fault: Error {
        var reason: String
    }

    /// The fields of the record at `start`, where it ends, and how many lines it spans.
    private func record(from start: Int) throws(Fault) -> ([String], end: Int, lines: Int) {
        var (fields, position, lines): ([String], Int, Int) = ([], start, 0)
        while true {
            var field: [UInt8] = []
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                position += 1
                while true {
                    guard position < bytes.count else { throw Fault(reason: "a quote is opened and never closed") }
                    guard position - start <= largestRecord else { throw Fault(reason: "a quote is opened and not closed within 1 MiB") }
                    let byte = bytes[position]
                    position += 1
                    if byte == 0x0A { lines += 1 }
                    if byte != UInt8(ascii: "\"") {
                        field.append(byte)
                    } else if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                        field.append(byte)
                        position += 1
                    } else {
                        break
                    }
                }
                if position < bytes.count, ![UInt8(ascii: ","), 0x0A, 0x0D].contains(bytes[position]) {
                    throw Fault(reason: "something stands behind a closing quote; write a quote inside a field twice")
                }
            } else {
                while position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != 0x0A {
                    if bytes[position] == UInt8(ascii: "\"") {
                        throw Fault(reason: "a quote stands inside a field that does not begin with one")
                    }
                    field.append(bytes[position])
                    position += 1
                }
                if field.last == 0x0D { field.removeLast() }
            }
            guard !field.contains(0) else { throw Fault(reason: "it holds a NUL character") }
            guard let text = String(validating: field, as: UTF8.self) else { throw Fault(reason: "it is not valid UTF-8") }
            fields.append(text)
            if position < bytes.count, bytes[position] == 0x0D { position += 1 }
            guard position < bytes.count else { return (fields, position, lines) }
            let separator = bytes[position]
            position += 1
            if separator == 0x0A { return (fields, position, lines + 1) }
        }
    }
}
