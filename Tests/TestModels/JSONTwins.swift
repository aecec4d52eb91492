import Models

/// Holds the fast ways of reading and writing JSON to those of `Codable`, by many variants of one value.
public struct JSONTwins<Value: JSONRecord & Codable & Equatable> {
    /// What the two ways did not do alike, a sentence each; empty when they are twins.
    public private(set) var faults: [String] = []
    /// How many variants were read.
    public private(set) var read = 0
    /// How many different refusals there were.
    public var refusals: Int { refused.count }
    private var refused: Set<String> = []
    private var random: SeededRandom

    /// The value, read and written through the containers of `Codable`.
    private struct Plain: Codable {
        var value: Value

        init(_ value: Value) { self.value = value }
        init(from decoder: any Decoder) throws { value = try Value(from: decoder) }
        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }

    /// Takes a value in which nothing is missing, and tries as many variants of it.
    public init(_ whole: JSONValue, variants: Int = 1200, seed: UInt64 = 3) {
        random = SeededRandom(seed: seed)
        compare(whole.canonical)
        do {
            let value = try JSONCoding.decode(Value.self, from: whole.canonical)
            if try JSONValue(parsing: JSONCoding.encode(value)) != whole { faults.append("a member of the example was lost") }
            Self.missing(in: value, "").forEach { faults.append("the example lacks \($0)") }
        } catch { faults.append("the example cannot be read: \(error)") }
        for _ in 0..<variants {
            var changes = [0, 0, 1, 1, 2].randomElement(using: &random) ?? 1
            let odds = 1 / (0.2 * Double(whole.canonical.count) + 1)
            compare(Array(vary(whole, odds * 3, &changes).utf8))
        }
    }

    private mutating func compare(_ text: [UInt8]) {
        let (plain, plainFault) = outcome { try JSONCoding.decode(Plain.self, from: text).value }
        let (fast, fastFault) = outcome { try JSONCoding.decode(Value.self, from: text) }
        if plain != fast || plainFault != fastFault {
            faults.append("reads otherwise (\(plainFault); \(fastFault)): \(String(decoding: text, as: UTF8.self))")
        }
        guard let plain else {
            refused.insert(plainFault)
            return
        }
        read += 1
        do {
            let (written, quickly) = (try JSONCoding.encode(Plain(plain)), try JSONCoding.encode(plain))
            if written != quickly { faults.append("writes otherwise: \(String(decoding: quickly, as: UTF8.self))") }
            if try JSONCoding.decode(Value.self, from: quickly) != plain { faults.append("comes back otherwise") }
        } catch { faults.append("cannot be written or read back: \(error)") }
    }

    /// What comes of reading: the value, or what kind of error it is and where.
    private func outcome(_ read: () throws -> Value) -> (Value?, String) {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "/")
        }
        do { return (try read(), "") } catch {
            switch error as? DecodingError {
            case .typeMismatch(_, let context): return (nil, "mismatch at \(place(context))")
            case .keyNotFound(let key, let context): return (nil, "\(key.stringValue) is missing at \(place(context))")
            case .dataCorrupted(let context): return (nil, "corrupted at \(place(context))")
            default: return (nil, "\(error)")
            }
        }
    }

    /// The text of `value` with some of what is in it left out or made something else, in any order and with other members among it.
    private mutating func vary(_ value: JSONValue, _ odds: Double, _ changes: inout Int) -> String {
        if changes > 0, chance(odds) {
            changes -= 1
            return Self.others.randomElement(using: &random) ?? "null"
        }
        switch value {
        case .object(let members):
            var texts: [String] = []
            for (name, inner) in members.sorted(by: { $0.key < $1.key }) {
                // What may be missing often is, and then it costs no change.
                if chance(odds / 2) { continue }
                texts.append("\(JSONValue.string(name).text): \(vary(inner, odds, &changes))")
            }
            if chance(0.3) { texts.append(#""later" :{"kind":[null]}"#) }
            return "{\(texts.shuffled(using: &random).joined(separator: " , "))}"
        case .array(let elements):
            var texts: [String] = []
            for element in elements where !chance(0.2) {
                for _ in 0..<(chance(0.2) ? 2 : 1) { texts.append(vary(element, odds, &changes)) }
            }
            return "[\(texts.joined(separator: ","))]"
        case .integer:
            return chance(0.3)
                ? String([.min, .max, 0, -1, 10, -9_007_199_254_740_993].randomElement(using: &random) ?? Int64(1)) : value.text
        default: return value.text
        }
    }

    private mutating func chance(_ odds: Double) -> Bool { Double.random(in: 0..<1, using: &random) < odds }

    private static var others: [String] {
        [
            "null", "true", "false", "0", "-7", "2.5", "1e3", "99999999999999999999", #""""#, #""village-8""#, #""Village""#, "[]", "{}",
            #"[null]"#, #"["desk"]"#, #"{"zh":1}"#, #""2026-02-30""#, #""0001-01-01""#, #""9999-12-31""#, #""2026-11-24T08:00:00+08:00""#,
            #""0001-01-02T00:00:00Z""#, #""9999-12-30T23:59:59.999999Z""#, #""closed""#, #""village\u002d9""#, #""unit:desk""#,
            #""member-2""#, #"{"due":{}}"#, #"{"lapse":{"x":1}}"#, #"{"due":{},"lapse":{}}"#, #"{"warning":{}}"#, #"{"due":null}"#,
            #"{"after":{"_0":{"count":3,"unit":"day"}}}"#, #"{"else":{}}"#,
        ] + oddTexts.map { JSONValue.string($0).text }
    }

    /// Texts with all that JSON treats in a way of its own.
    public static var oddTexts: [String] {
        [
            "", "\"", "\\", "1234567\"", "12345678\\9", "路灯坏了，“没人管”\n", "😀👩‍👩‍👧", "\u{1}\u{8}\t\n\u{B}\u{C}\r\u{1F} \u{7F}", "/</script>",
            "\u{2028}\u{FEFF}", "e\u{301}é", String(repeating: "信访", count: 40) + "\"" + String(repeating: "x", count: 40),
        ]
    }

    /// Where something that may be missing is, in `value` and in what is in it.
    private static func missing(in value: Any, _ place: String) -> [String] {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .optional, mirror.children.isEmpty { return [place] }
        let isWrapped = mirror.displayStyle == .optional
        return mirror.children.flatMap { missing(in: $0.value, isWrapped ? place : "\(place)/\($0.label ?? "")") }
    }
}
