/// The W3C Trace Context of one request: which trace it belongs to and which span of it this is.
///
/// Read from the `traceparent` header, or begun anew when the header is missing or not valid (as the recommendation demands).
public struct TraceContext: Sendable, Hashable, CustomStringConvertible {
    private let traceHigh: UInt64
    private let traceLow: UInt64
    private let span: UInt64
    private let flags: UInt8

    /// The trace's 16 bytes as 32 hexadecimal digits.
    public var traceID: String { Self.hexadecimal(traceHigh, width: 16) + Self.hexadecimal(traceLow, width: 16) }
    /// The span's 8 bytes as 16 hexadecimal digits.
    public var spanID: String { Self.hexadecimal(span, width: 16) }
    /// Whether the caller records this trace.
    public var isSampled: Bool { flags & 1 == 1 }

    /// The value of the `traceparent` header, version 00.
    public var description: String { "00-\(traceID)-\(spanID)-\(Self.hexadecimal(UInt64(flags), width: 2))" }

    /// Begins a trace.
    public static func begin() -> Self {
        var generator = SystemRandomNumberGenerator()
        return begin(using: &generator)
    }

    /// Begins a trace with the given randomness.
    public static func begin(using generator: inout some RandomNumberGenerator) -> Self {
        Self(
            traceHigh: .random(in: .min ... .max, using: &generator), traceLow: .random(in: 1 ... .max, using: &generator),
            span: .random(in: 1 ... .max, using: &generator), flags: 0)
    }

    /// A new span in the same trace, for what this request causes.
    public func child() -> Self {
        Self(traceHigh: traceHigh, traceLow: traceLow, span: .random(in: 1 ... .max), flags: flags)
    }

    /// Stands in before a request's own context is known.
    static let unset = Self(traceHigh: 0, traceLow: 0, span: 0, flags: 0)

    private init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, flags: UInt8) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.flags = flags
    }

    /// Reads a `traceparent` value.
    ///
    /// Nil for zero identifiers, capitals, a wrong length, or version ff; a later version than 00 may carry more after its
    /// flags.
    public init?(_ header: String) {
        let bytes = Array(header.utf8)
        guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
            let version = Self.number(bytes[0..<2]), version != 0xFF,
            bytes.count == 55 || (version > 0 && bytes[55] == Self.dash),
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]), high != 0 || low != 0,
            let span = Self.number(bytes[36..<52]), span != 0,
            let flags = Self.number(bytes[53..<55])
        else { return nil }
        // Only the sampled bit is defined; a reader of version 00 must not pass on bits it does not know.
        self.init(traceHigh: high, traceLow: low, span: span, flags: UInt8(flags) & 1)
    }

    private static let dash = UInt8(ascii: "-")

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }

    private static func hexadecimal(_ number: UInt64, width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
