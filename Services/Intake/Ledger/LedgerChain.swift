import Models

/// Verifies a ledger (台账) as intake gives it: whether every line follows from the one before.
public enum LedgerChain {
    /// Says at which line a ledger breaks, and how.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private struct Line {
        var position: JSONValue?
        var event: Range<Int>?
        var previous: JSONValue?
        var hash: JSONValue?
    }

    /// Reads the answer of `GET /v1/cases/{id}/ledger` byte for byte and computes every hash anew: SHA-256 over the hash of the line
    /// before and the event as it stands there.
    ///
    /// Returns the hash of each line. A ledger whose last lines were taken away, or written anew with their hashes, is whole in itself: who
    /// knows how many there must be, and the hash of the last, compares.
    public static func verify(_ document: [UInt8]) throws(Fault) -> [String] {
        let lines: [Line]
        do throws(JSONError) { lines = try read(document) } catch {
            throw Fault(description: "this is no ledger as intake gave it: \(error)")
        }
        var (previous, hashes): ([UInt8], [String]) = ([UInt8](repeating: 0, count: 32), [])
        for (index, line) in lines.enumerated() {
            guard line.position == .integer(Int64(index + 1)), let event = line.event else {
                throw Fault(description: "line \(index + 1) is missing, or stands in another place")
            }
            guard line.previous == .string(hexadecimal(previous)) else {
                throw Fault(description: "line \(index + 1) does not follow from the line before")
            }
            previous = LedgerLine.hash(previous: previous, wire: Array(document[event]))
            hashes.append(hexadecimal(previous))
            guard line.hash == .string(hashes[index]) else { throw Fault(description: "line \(index + 1) was changed") }
        }
        if lines.isEmpty { throw Fault(description: "the ledger has no line; a case has one from its registration on") }
        return hashes
    }

    private static func read(_ document: [UInt8]) throws(JSONError) -> [Line] {
        var lines: [Line] = []
        try JSONScanner.scan(document) { scanner throws(JSONError) in
            try scanner.object { (scanner, name) throws(JSONError) in
                guard name == "lines", lines.isEmpty else { throw JSONError(offset: scanner.offset, reason: "\"lines\" alone is expected") }
                try scanner.array { (scanner) throws(JSONError) in
                    var line = Line()
                    try scanner.object { (scanner, name) throws(JSONError) in
                        switch name {
                        case "position" where line.position == nil: line.position = try scanner.value()
                        case "event" where line.event == nil: line.event = try scanner.skip()
                        case "previous" where line.previous == nil: line.previous = try scanner.value()
                        case "hash" where line.hash == nil: line.hash = try scanner.value()
                        default: throw JSONError(offset: scanner.offset, reason: "a line has position, event, previous and hash, each once")
                        }
                    }
                    lines.append(line)
                }
            }
            try scanner.end()
        }
        return lines
    }
}
