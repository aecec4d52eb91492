/// Reads a CSV file (RFC 4180) record by record, and finds its way back after a broken one.
///
/// A fault costs its record and no other: reading goes on behind the record's end. Only a quote that is out of place or never
/// closed hides where that is; reading then goes on with the line after the one in which its field begins, so that such a quote
/// does not swallow the rest of the file. A byte order mark is skipped; lines may end with LF or CR LF.
package struct CSVReader {
    /// One record with the number of its first line, from 1; or what is wrong with it.
    package enum Item: Equatable {
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

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// The next record or fault, nil at the end; empty lines are passed over.
    package mutating func next() -> Item? {
        while offset < bytes.count, bytes[offset] == 0x0A || bytes[offset] == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A
        {
            if bytes[offset] == 0x0A { line += 1 }
            offset += 1
        }
        guard offset < bytes.count else { return nil }
        let start = line
        let record = record(from: offset)
        offset = record.end
        line += record.lines
        if let fault = record.fault { return .fault(line: start, reason: fault) }
        if let width, record.fields.count != width {
            return .fault(line: start, reason: "it has \(record.fields.count) fields where the header has \(width)")
        }
        width = width ?? record.fields.count
        return .record(line: start, fields: record.fields)
    }

    /// How many records and faults are still to come.
    var remaining: Int {
        var (rest, count) = (self, 0)
        while rest.next() != nil { count += 1 }
        return count
    }

    private struct Record {
        var fields: [String] = []
        /// What is wrong with it.
        var fault: String?
        /// Where reading goes on.
        var end = 0
        /// How many lines lie before that.
        var lines = 0
    }

    /// Why it cannot be told where a field ends.
    private struct LostEnd: Error {
        var reason: String
    }

    private func record(from start: Int) -> Record {
        var (record, position) = (Record(), start)
        while true {
            let field: [UInt8]
            do throws(LostEnd) {
                var (end, lines) = (position, record.lines)
                field = try self.field(at: &end, ofRecordAt: start, &lines)
                (position, record.lines) = (end, lines)
            } catch {
                // The fields before this one are sound, so what they span is no record of its own.
                record.fault = record.fault ?? error.reason
                record.end = min((bytes[position...].firstIndex(of: 0x0A) ?? bytes.count) + 1, bytes.count)
                record.lines += 1
                return record
            }
            if field.contains(0) {
                record.fault = record.fault ?? "it holds a NUL character"
            } else if let text = String(validating: field, as: UTF8.self) {
                record.fields.append(text)
            } else {
                record.fault = record.fault ?? "it is not valid UTF-8"
            }
            if position < bytes.count, bytes[position] == 0x0D { position += 1 }
            record.end = position
            guard position < bytes.count else { return record }
            let separator = bytes[position]
            position += 1
            record.end = position
            if separator == 0x0A {
                record.lines += 1
                return record
            }
        }
    }

    /// The bytes of the field at `position`, which is moved to its end; `lines` grows by the line ends within quotes.
    private func field(at position: inout Int, ofRecordAt start: Int, _ lines: inout Int) throws(LostEnd) -> [UInt8] {
        var field: [UInt8] = []
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            while position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != 0x0A {
                if bytes[position] == UInt8(ascii: "\"") {
                    throw LostEnd(reason: "a quote stands inside a field that does not begin with one")
                }
                field.append(bytes[position])
                position += 1
            }
            if field.last == 0x0D { field.removeLast() }
            return field
        }
        position += 1
        while true {
            guard position < bytes.count else { throw LostEnd(reason: "a quote is opened and never closed") }
            guard position - start <= largestRecord else {
                throw LostEnd(reason: "a quote is opened and not closed within 1 MiB")
            }
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
        let isEnd = position == bytes.count || bytes[position] == UInt8(ascii: ",") || bytes[position] == 0x0A
        let isLineEnd = position < bytes.count && bytes[position] == 0x0D && (position + 1 == bytes.count || bytes[position + 1] == 0x0A)
        guard isEnd || isLineEnd else {
            throw LostEnd(reason: "something stands behind a closing quote; write a quote inside a field twice")
        }
        return field
    }
}
