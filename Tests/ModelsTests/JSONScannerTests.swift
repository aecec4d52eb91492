import Models
import Testing

@Suite("The span of a value")
struct JSONScannerTests {
    /// What stands in the span at the beginning of `text`; the reason where there is none.
    private func span(_ text: String) -> String {
        let bytes = Array(text.utf8)
        do throws(JSONError) {
            let range = try JSONScanner.scan(bytes) { scanner throws(JSONError) in try scanner.span() }
            return String(decoding: bytes[range], as: UTF8.self)
        } catch { return "\(error)" }
    }

    @Test(
        "ends where the value ends, whatever is wrong inside",
        arguments: [
            #"{"a":[1,{"b":"]}"}],"c":null}"#, "[]", "[ 1 , [2] ]", #""a\"b\\""#, #""\u0000\uD800""#, "-1.5e3", "null", "rubbish",
            #"{"a":1,"a":2}"#, #"{a b:}"#, "[,]", "[}", "\"\u{1}\"", #"["\x"]"#,
        ])
    func whole(value: String) {
        for rest in ["", ",1", " ]", "}", "\n"] { #expect(span(" \(value)\(rest)") == value) }
    }

    @Test("is found however deep the value is, without recursion")
    func deep() {
        let value = String(repeating: "[", count: 1_000_000) + String(repeating: "]", count: 1_000_000)

        #expect(span(value + ",") == value)
    }

    @Test("is missing where no value begins or the text ends in one")
    func faults() {
        for text in ["", " ", ",", "]", "}", ":"] { #expect(span(text).contains("a value is expected"), "\(text)") }
        for text in ["{", "[1", "[1,", "\"", #""a\""#, #""\"#, #"{"a"#, "[[]", #"["]"#] {
            #expect(span(text).contains("it ends inside a value"), "\(text)")
        }
    }

    @Test("agrees with skipping on every value that can be skipped")
    func agrees() {
        let text = Array(#"{"a":[1,-2.5e7,true,false,null,"x\"y\\ é\u00e9",{},[],{"b":{"c":[[]]}}],"":0}"#.utf8)
        for start in text.indices {
            guard
                let skipped = try? JSONScanner.scan(text, at: start, { scanner throws(JSONError) in try scanner.skip() })
            else { continue }
            let span = try? JSONScanner.scan(text, at: start) { scanner throws(JSONError) in try scanner.span() }
            // The middle of a word or of a number is a value for neither reader of a whole text.
            if "{[\"".utf8.contains(text[start]) { #expect(span == skipped) }
        }
    }
}
