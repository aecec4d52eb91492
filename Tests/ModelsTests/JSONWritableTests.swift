import Models
import TestSupport
import Testing

@Suite("Values that are written right into the text")
struct JSONWritableTests {
    /// Goes the way of `Codable`, whatever else the value can.
    private struct Plain<Value: Codable>: Codable {
        var value: Value

        init(_ value: Value) { self.value = value }
        init(from decoder: any Decoder) throws { value = try Value(from: decoder) }
        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }

    private func expectTwins<Value: JSONReadable & JSONWritable & Codable & Equatable>(_ value: Value) throws {
        let written = try JSONCoding.encode(value)

        #expect(written == (try JSONCoding.encode(Plain(value))))
        #expect(try JSONCoding.decode(Value.self, from: written) == value)
        #expect(try JSONCoding.decode(Plain<Value>.self, from: written).value == value)
    }

    private struct Texts: Equatable, JSONRecord, Codable {
        var text: String
        var texts: [String]
        var note: String?

        init(_ text: String, _ texts: [String], _ note: String?) { (self.text, self.texts, self.note) = (text, texts, note) }

        init(members: inout JSONMembers) throws {
            text = try members.read("text")
            texts = try members.read("texts")
            note = try members.readIfPresent("note")
        }

        func write(members: inout JSONText) {
            members.write("text", text)
            members.write("texts", texts)
            members.writeIfPresent("note", note)
        }
    }

    @Test("have the spelling that they always had")
    func spelling() throws {
        let value = Texts("{", ["[", "", ","], "}")

        #expect(String(decoding: try JSONCoding.encode(value), as: UTF8.self) == #"{"text":"{","texts":["[","",","],"note":"}"}"#)
        #expect(String(decoding: try JSONCoding.encode(Texts("", [], nil)), as: UTF8.self) == #"{"text":"","texts":[]}"#)
        #expect(String(decoding: try JSONCoding.encode([[Int]()]), as: UTF8.self) == "[[]]")
        try expectTwins([value, Texts("", [], nil)])
    }

    /// The escapes of JSON, a byte at a time.
    private func spelled(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [34]
        for byte in text.utf8 {
            switch byte {
            case 34, 92: bytes += [92, byte]
            case 8: bytes += Array("\\b".utf8)
            case 9: bytes += Array("\\t".utf8)
            case 10: bytes += Array("\\n".utf8)
            case 12: bytes += Array("\\f".utf8)
            case 13: bytes += Array("\\r".utf8)
            case 0..<16: bytes += Array("\\u000\(String(byte, radix: 16))".utf8)
            case 16..<32: bytes += Array("\\u00\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        return bytes + [34]
    }

    @Test("escape what must be, wherever it stands")
    func escapes() throws {
        let odd = (1..<33).map { Unicode.Scalar(UInt8($0)) } + ["\"", "\\", "\u{7F}", "!", "#", "[", "]", "\u{A0}", "\u{2022}", "坏", "😀"]
        for scalar in odd {
            for length in 0..<20 {
                for place in 0...length {
                    let text = String(repeating: "a", count: place) + String(scalar) + String(repeating: "é", count: length - place)

                    #expect(try JSONCoding.encode(text) == spelled(text))
                    #expect(JSONValue.string(text).canonical == spelled(text))
                }
            }
            let twice = "\(scalar)12345678\(scalar)\(scalar)"
            #expect(try JSONCoding.encode(twice) == spelled(twice))
        }
        for text in JSONTwins<Term>.oddTexts { try expectTwins(Texts(text, [text, text], text)) }
    }

    @Test("write every integer in its digits")
    func integers() throws {
        var numbers: [Int64] = [.min, .min + 1, .max, 0]
        var power: Int64 = 1
        for _ in 0..<19 {
            numbers += [power, power - 1, power + 1, -power, 1 - power, -1 - power]
            power &*= 10
        }
        for number in numbers {
            #expect(try JSONCoding.encode(number) == Array(String(number).utf8))
            #expect(try JSONCoding.encode(Int(number)) == Array(String(number).utf8))
            #expect(try JSONCoding.encode(Plain(number)) == Array(String(number).utf8))
            #expect(JSONValue.integer(number).canonical == Array(String(number).utf8))
        }
        #expect(try JSONCoding.encode(Plain(UInt64.max)) == Array("18446744073709551615".utf8))
        try expectTwins(numbers)
    }

    @Test("write times, dates and identifiers as these say themselves")
    func texts() throws {
        var random = SeededRandom(seed: 8)
        for _ in 0..<500 {
            try expectTwins(Instant(microseconds: .random(in: Int64.min...Int64.max, using: &random)))
            try expectTwins(Instant(microseconds: .random(in: -62_135_510_400_000_000...253_402_214_399_999_999, using: &random)))
            try expectTwins(LocalDate(dayNumber: .random(in: -719_162...2_932_896, using: &random)))
            try expectTwins(EventID(UniqueID(high: random.next(), low: random.next())))
        }
        for days in [-719_162, 2_932_896, 0] { try expectTwins(LocalDate(dayNumber: days)) }
        // What no text can be read as is still written as it always was.
        for (days, text) in [(-719_163, "0000-12-31"), (2_932_897, "10000-01-01"), (-1_100_000, "-1042-04-12")] {
            #expect(try JSONCoding.encode(LocalDate(dayNumber: days)) == (try JSONCoding.encode(Plain(LocalDate(dayNumber: days)))))
            if days > -1_000_000 { #expect(LocalDate(dayNumber: days).description == text) }
        }
        #expect(Instant(microseconds: .min).description == "0001-01-02T00:00:00.000000Z")
        #expect(Instant(microseconds: .max).description == "9999-12-30T23:59:59.999999Z")
        #expect(Instant(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
    }

    @Test("write codes, words, recipients and texts by name as their own way does")
    func words() throws {
        try expectTwins(UnitCode(validated: "village-7"))
        try expectTwins(Stage.allCases)
        try expectTwins(Channel.allCases)
        try expectTwins(SealedText(text: "abcdef01.\"/+=="))
        try expectTwins([NoticeRecipient.petitioner, .representative(3), .member(2), .unit(UnitCode(validated: "edu"))])
        try expectTwins([true, false])
        try expectTwins([String: String]())
        try expectTwins(Dictionary(JSONTwins<Term>.oddTexts.map { ($0, $0) }) { $1 })
        let doubled = Array(#"{"a":"1","b":"2","a":"3"}"#.utf8)
        #expect(try JSONCoding.decode([String: String].self, from: doubled) == ["a": "1", "b": "2"])
        #expect(try JSONCoding.decode(Plain<[String: String]>.self, from: doubled).value == ["a": "1", "b": "2"])
        for text in ["[]", #"{"a":1}"#, #"{"a":null}"#, "3"] {
            #expect(throws: DecodingError.self) { try JSONCoding.decode([String: String].self, from: Array(text.utf8)) }
        }
    }

    /// Facts whose two ways can be told apart.
    private struct Told: EventFacts, JSONRecord {
        static var type: String { "told" }
        var way: String

        init(_ way: String) { self.way = way }
        init(members: inout JSONMembers) throws { way = "read fast, \(try members.read("way") as String)" }
        func write(members: inout JSONText) { members.write("way", "written fast") }
    }

    @Test("go that way as the facts of events")
    func facts() throws {
        var event = try CaseEvent(
            id: EventID(UniqueID(high: 1, low: 2)), source: .intake, subject: Subject(UniqueID(high: 3, low: 4)), type: "told", version: 1,
            time: Instant(microseconds: 0), sequence: 1, after: SourcePositions(), county: "", traceparent: nil, stating: Told("said"))

        #expect(event.data == Array(#"{"way":"written fast"}"#.utf8))
        #expect(try event.facts(Told.self) == Told("said"))

        event = try CaseEvent(wire: event.wire)
        #expect(try event.facts(Told.self) == Told("read fast, written fast"))
    }

    @Test("are wired with their attributes in the old order")
    func wire() {
        var event = CaseEvent(
            id: EventID(UniqueID(high: 1, low: 2)), source: .routing, subject: Subject(UniqueID(high: 3, low: 4)), type: "a\"b", version: 2,
            time: Instant(microseconds: 1), sequence: 12, after: SourcePositions(intake: 3, deadline: 10), county: "c-1",
            traceparent: "00-\\", data: Array(#"{"x":1}"#.utf8))

        #expect(
            String(decoding: event.wire, as: UTF8.self) == #"{"specversion":"1.0","id":"00000000-0000-0001-0000-000000000002","#
                + #""source":"routing","subject":"00000000-0000-0003-0000-000000000004","type":"a\"b","eventversion":2,"sequence":12,"#
                + #""time":"1970-01-01T00:00:00.000001Z","after":"intake=3,deadline=10","county":"c-1","traceparent":"00-\\","#
                + #""datacontenttype":"application/json","data":{"x":1}}"#)

        (event.after, event.county, event.traceparent) = (SourcePositions(), "", nil)
        #expect(String(decoding: event.wire, as: UTF8.self).contains(#"000001Z","datacontenttype""#))
    }
}
