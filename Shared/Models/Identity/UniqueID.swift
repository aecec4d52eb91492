/// A 128-bit identifier in the layout of RFC 9562, ordered as PostgreSQL orders `uuid`: by its bytes.
public struct UniqueID: Hashable, Sendable {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a version 7 identifier: 48 bits of Unix milliseconds, then 74 of the given random bits.
    ///
    /// Both inputs are arguments so that a simulation gives the same identifiers again for the same seed.
    public static func version7(at instant: Instant, random: (UInt64, UInt64)) -> UniqueID {
        let milliseconds = UInt64(clamping: instant.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        return UniqueID(
            high: milliseconds << 16 | 0x7000 | random.0 & 0x0FFF,
            low: 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// Makes a version 8 identifier from 16 bytes of a digest: the same digest gives the same identifier.
    public static func version8(digest: some Sequence<UInt8>) -> UniqueID {
        var (high, low, count) = (UInt64(0), UInt64(0), 0)
        for byte in digest.prefix(16) {
            if count < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
            count += 1
        }
        return UniqueID(high: high & ~0xF000 | 0x8000, low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}

extension UniqueID: Comparable {
    public static func < (left: UniqueID, right: UniqueID) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}

extension UniqueID: LosslessStringConvertible {
    /// The 36-character form in lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.length) { buffer in
            spell(into: buffer, at: 0)
            return Self.length
        }
    }

    /// How many bytes its text has.
    static var length: Int { 36 }

    /// Sets the bytes of its text from `place` on.
    func spell(into buffer: UnsafeMutableBufferPointer<UInt8>, at place: Int) {
        var at = place
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                buffer[at] = UInt8(ascii: "-")
                at += 1
            }
            let byte = UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index % 8)))
            buffer[at] = Self.digit(byte >> 4)
            buffer[at + 1] = Self.digit(byte & 15)
            at += 2
        }
    }

    /// Reads the 36-character form in either case; nil for anything else.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ UniqueID(utf8: $0) }) else { return nil }
        self = value
    }

    /// The same, of the bytes of the text.
    private init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 36 else { return nil }
        var (high, low, digits) = (UInt64(0), UInt64(0), 0)
        for index in 0..<36 {
            let byte = bytes[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            if digits < 16 { high = high << 4 | UInt64(value) } else { low = low << 4 | UInt64(value) }
            digits += 1
        }
        self.init(high: high, low: low)
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

extension UniqueID: Codable, JSONReadable, JSONWritable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = UniqueID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not a UUID of 36 characters")
        }
        self = value
    }

    public init(json place: JSONPlace) throws {
        guard let value = try place.string({ UniqueID(utf8: $0) }) else { throw place.corrupted("is not a UUID of 36 characters") }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public func write(json text: inout JSONText) { text.write(self) }
}
