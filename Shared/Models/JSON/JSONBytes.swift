// What texts of JSON are made of, put behind other bytes with one look for room.

extension [UInt8] {
    /// Appends `count` bytes, each of which `fill` must set.
    @inline(__always)
    mutating func append(count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        append(addingCapacity: count) { room in
            room.withUnsafeMutableBufferPointer { buffer, initialized in
                fill(buffer)
                initialized = count
            }
        }
    }

    /// Appends a number in decimal digits.
    mutating func append(decimal number: Int64) {
        var rest = number.magnitude
        if number >= 0, rest < 10 { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)) }
        var (count, bound) = (number < 0 ? 2 : 1, rest)
        while bound >= 10 {
            bound /= 10
            count += 1
        }
        append(count: count) { buffer in
            if number < 0 { buffer[0] = UInt8(ascii: "-") }
            var place = count
            repeat {
                place -= 1
                buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
        }
    }

    /// Appends `count` bytes, which `fill` sets from the given place on, between quotes.
    @inline(__always)
    mutating func append(quotedCount count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>, Int) -> Void) {
        append(count: count + 2) { buffer in
            buffer[0] = UInt8(ascii: "\"")
            fill(buffer, 1)
            buffer[count + 1] = UInt8(ascii: "\"")
        }
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Sets two digits at `place`; `number` is below 100.
    @inline(__always)
    func setPair(_ number: UInt32, at place: Int) {
        self[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10)
        self[place + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
    }

    /// Sets the bytes from `place` on to `content`, for which there is room.
    @inline(__always)
    func set(_ content: UnsafeBufferPointer<UInt8>, at place: Int) {
        guard let source = content.baseAddress, let start = baseAddress else { return }
        (start + place).initialize(from: source, count: content.count)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// How many bytes stand before the first from `start` on that JSON wants an escape for.
    func plainEnd(from start: Int) -> Int {
        var place = start
        // Eight at once: of a byte without its highest bit, a borrow sets that bit where less than what was taken away stood there.
        while place + 8 <= count {
            let word = UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let quote = word ^ 0x2222_2222_2222_2222
            let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let control = (word &- 0x2020_2020_2020_2020) & ~word
            let quotes = (quote &- 0x0101_0101_0101_0101) & ~quote
            let backslashes = (backslash &- 0x0101_0101_0101_0101) & ~backslash
            if (control | quotes | backslashes) & 0x8080_8080_8080_8080 != 0 { break }
            place += 8
        }
        while place < count {
            let byte = self[place]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return place }
            place += 1
        }
        return place
    }
}
