/// A JSON text with the places of all its values, found in one strict pass: what is asked of it later is looked up and never scanned again.
final class JSONTape: Sendable {
    /// Where a value, or the key of a member, stands.
    struct Node {
        var start: Int32
        var end: Int32
        /// The node behind this one and all that is inside it.
        var next: Int32
        /// Whether it is a string with escapes.
        var hasEscapes = false
    }

    let bytes: [UInt8]
    /// In the order of the text: a container before its elements, the key of a member before its value.
    let nodes: [Node]

    init(_ bytes: [UInt8]) throws(JSONError) {
        if bytes.count > Int32.max { throw JSONError(offset: 0, reason: "it is longer than two gigabytes") }
        self.bytes = bytes
        nodes = try JSONScanner.scan(bytes) { scanner throws(JSONError) in
            var nodes: [Node] = []
            nodes.reserveCapacity(bytes.count / 8 + 4)
            try scanner.index(into: &nodes, depth: 64)
            try scanner.end()
            return nodes
        }
    }

    /// The first byte of a value, which tells its kind.
    func first(_ node: Int) -> UInt8 { bytes[Int(nodes[node].start)] }

    func next(_ node: Int) -> Int { Int(nodes[node].next) }

    /// The value of the member `name` of the object at `node`; nil when it has none.
    func member(_ name: String, of node: Int) -> Int? {
        var name = name
        return name.withUTF8 { member($0, of: node) }
    }

    /// The value of the member with the name `wanted`, in UTF-8, of the object at `node`; nil when it has none.
    func member(_ wanted: UnsafeBufferPointer<UInt8>, of node: Int) -> Int? {
        let end = next(node)
        var key = node + 1
        while key < end {
            if matches(key, wanted) { return key + 1 }
            key = next(key + 1)
        }
        return nil
    }

    /// Whether the key at the node `key` is `wanted`, in UTF-8.
    func matches(_ key: Int, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        let found = nodes[key]
        if found.hasEscapes { return Array(string(key).utf8).elementsEqual(wanted) }
        let (start, count) = (Int(found.start) + 1, Int(found.end - found.start) - 2)
        guard count == wanted.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for index in 0..<count where bytes[start + index] != wanted[index] { return false }
            return true
        }
    }

    /// The names of the members of the object at `node`.
    func names(of node: Int) -> [String] {
        var (names, key): ([String], Int) = ([], node + 1)
        while key < next(node) {
            names.append(string(key))
            key = next(key + 1)
        }
        return names
    }

    /// How many elements the array at `node` has.
    func count(of node: Int) -> Int {
        var (count, element) = (0, node + 1)
        while element < next(node) {
            count += 1
            element = next(element)
        }
        return count
    }

    /// The text of the string at `node`.
    func string(_ node: Int) -> String {
        let found = nodes[node]
        if found.hasEscapes {
            // It was read once without a fault.
            let text = try? JSONScanner.scan(bytes, at: Int(found.start)) { scanner throws(JSONError) in try scanner.string() }
            return text ?? ""
        }
        return String(decoding: bytes[Int(found.start) + 1..<Int(found.end) - 1], as: UTF8.self)
    }

    /// The integer at `node`; nil for anything else and for one that does not fit.
    func integer(_ node: Int) -> Int64? {
        let found = nodes[node]
        var (place, end, number) = (Int(found.start), Int(found.end), Int64(0))
        let isNegative = bytes[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        while place < end {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            // Built up below zero, where one more number fits.
            let (ten, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeAfter) = ten.subtractingReportingOverflow(Int64(digit))
            if isTooLarge || isTooLargeAfter { return nil }
            number = sum
            place += 1
        }
        if isNegative { return number }
        return number == .min ? nil : -number
    }

    /// The number at `node`; nil for anything else.
    func double(_ node: Int) -> Double? {
        switch first(node) {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let found = nodes[node]
            return Double(String(decoding: bytes[Int(found.start)..<Int(found.end)], as: UTF8.self))
        default: return nil
        }
    }

    /// The way from the outermost value to the one at `node`.
    func path(to node: Int) -> [any CodingKey] {
        var (path, container): ([any CodingKey], Int) = ([], 0)
        while container < node {
            let isObject = first(container) == UInt8(ascii: "{")
            var (place, index) = (container + 1, 0)
            // The member or element that `node` is or lies in.
            while place < next(container) {
                let value = isObject ? place + 1 : place
                if node < next(value) {
                    path.append(isObject ? JSONKey(stringValue: string(place)) : JSONKey(intValue: index))
                    container = value
                    break
                }
                place = next(value)
                index += 1
            }
            if place >= next(container) { break }
        }
        return path
    }
}

/// A step on the way to a value: the name of a member, or a place in an array.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        self.stringValue = String(intValue)
        self.intValue = intValue
    }
}

extension JSONScanner {
    /// Reads one value, and puts down where it and all that is inside it stand.
    mutating func index(into nodes: inout [JSONTape.Node], depth: Int) throws(JSONError) {
        skipSpace()
        let place = nodes.count
        nodes.append(JSONTape.Node(start: Int32(offset), end: 0, next: 0))
        switch peek {
        case UInt8(ascii: "{"):
            let inner = try deeper(depth)
            offset += 1
            if !take(UInt8(ascii: "}")) {
                repeat {
                    skipSpace()
                    let start = offset
                    let isPlain = try skipString()
                    nodes.append(
                        JSONTape.Node(start: Int32(start), end: Int32(offset), next: Int32(nodes.count + 1), hasEscapes: !isPlain))
                    try expect(UInt8(ascii: ":"), "a colon")
                    try index(into: &nodes, depth: inner)
                } while take(UInt8(ascii: ","))
                try expect(UInt8(ascii: "}"), "a comma or the end of the object")
            }
        case UInt8(ascii: "["):
            let inner = try deeper(depth)
            offset += 1
            if !take(UInt8(ascii: "]")) {
                repeat { try index(into: &nodes, depth: inner) } while take(UInt8(ascii: ","))
                try expect(UInt8(ascii: "]"), "a comma or the end of the array")
            }
        case UInt8(ascii: "\""): nodes[place].hasEscapes = try !skipString()
        default: try skipScalar()
        }
        nodes[place].end = Int32(offset)
        nodes[place].next = Int32(nodes.count)
    }
}
