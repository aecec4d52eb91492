import FoundationEssentials
import Models
import Testing

@Suite("Values as JSON")
struct JSONCodingTests {
    struct Everything: Codable, Hashable {
        enum Shape: Codable, Hashable {
            case dot
            case circle(radius: Int)
            case line(from: Double, to: Double?)
        }

        var text = "a \"quoted\" \\ é𠮷😀\n\u{1}"
        var empty = ""
        var flag = true
        var number = Int.min
        var wide: Int64 = .max
        var byte: UInt8 = 255
        var huge: UInt32 = .max
        var share = -2.5e-7
        var float: Float = 0.1
        var some: Int? = 3
        var none: Int?
        var list = [1, 2, 3]
        var nothing: [String] = []
        var nested = [[1], [], [2, 3]]
        var gaps: [Int?] = [1, nil, 3]
        var names = ["x": 1, "": 2, "\"": 3]
        var shapes: [Shape] = [.dot, .circle(radius: 2), .line(from: 1, to: nil), .line(from: 0.5, to: 3)]
        var id = UniqueID(high: 1, low: 2)
        var when = Instant(microseconds: 1_764_000_000_000_001)
        var day = LocalDate(dayNumber: 20_000)
    }

    @Test("come back as they were, and mean the same to another reader")
    func roundTrip() throws {
        let value = Everything()

        let bytes = try JSONCoding.encode(value)

        #expect(try JSONCoding.decode(Everything.self, from: bytes) == value)
        #expect(try JSONDecoder().decode(Everything.self, from: Data(bytes)) == value)
        #expect(try JSONCoding.decode(Everything.self, from: Array(JSONEncoder().encode(value))) == value)
        #expect(throws: Never.self) { try JSONValue(parsing: bytes) }
    }

    @Test("stand alone, too")
    func fragments() throws {
        #expect(try JSONCoding.encode("x") == Array("\"x\"".utf8))
        #expect(try JSONCoding.encode([Int]()) == Array("[]".utf8))
        #expect(try JSONCoding.encode([String: Int]()) == Array("{}".utf8))
        #expect(try JSONCoding.decode(Int.self, from: Array(" 7 ".utf8)) == 7)
        #expect(throws: EncodingError.self) { try JSONCoding.encode([Double.infinity]) }
    }

    @Test("stand in the order of their declaration, without what is nil")
    func order() throws {
        struct Pair: Codable {
            var b = 1
            var none: Int?
            var a = [2]
        }

        #expect(try String(decoding: JSONCoding.encode(Pair()), as: UTF8.self) == #"{"b":1,"a":[2]}"#)
    }

    struct Inner: Codable { var x: UInt8 }
    struct Outer: Codable { var list: [Inner] }

    /// Where `text` does not fit as an `Outer`.
    private func path(_ text: String) -> String {
        do {
            _ = try JSONCoding.decode(Outer.self, from: Array(text.utf8))
            return "none"
        } catch {
            switch error as? DecodingError {
            case .typeMismatch(_, let context): return context.codingPath.map(\.stringValue).joined(separator: "/")
            case .keyNotFound(let key, let context): return (context.codingPath + [key]).map(\.stringValue).joined(separator: "/")
            default: return "corrupt"
            }
        }
    }

    @Test("are refused with the place where they do not fit")
    func places() throws {
        #expect(path(#"{"list":[{"x":1},{"x":256}]}"#) == "list/1/x")
        #expect(path(#"{"list":[{"x":1},{"x":"1"}]}"#) == "list/1/x")
        #expect(path(#"{"list":[{"y":1}]}"#) == "list/0/x")
        #expect(path(#"{"list":{}}"#) == "list")
        #expect(path(#"{}"#) == "list")
        #expect(path(#"[]"#) == "")
        for broken in ["", "{", "{\"list\":[}", "{\"list\":[]}x", "{\"list\":[\"\u{1}\"]}"] { #expect(path(broken) == "corrupt") }
    }

    @Test("of any cut or changed byte never crash a reader")
    func mutations() throws {
        let bytes = try JSONCoding.encode(Everything())
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x15
            _ = try? JSONCoding.decode(Everything.self, from: changed)
            _ = try? JSONCoding.decode(Everything.self, from: Array(bytes[..<index]))
        }
    }
}
