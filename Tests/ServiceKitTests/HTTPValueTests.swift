import FoundationEssentials
import HTTPTypes
import Hummingbird
import Testing

@testable import ServiceKit

@Suite struct HTTPValueTests {
    private func request(_ fields: [(String, String)]) throws -> Request {
        var headers = HTTPFields()
        for (name, value) in fields { headers.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value)) }
        return Request(
            head: HTTPRequest(method: .post, scheme: "http", authority: "h", path: "/", headerFields: headers),
            body: RequestBody(buffer: ByteBuffer()))
    }

    @Test(
        "an idempotency key is 1 to 255 visible ASCII characters",
        arguments: ["a", "8e03978e-40d5", String(repeating: "k", count: 255), "!~"])
    func keys(text: String) throws {
        #expect(IdempotencyKey(text)?.value == text)
        #expect(try IdempotencyKey.required(in: request([("Idempotency-Key", text)])).value == text)
    }

    @Test("quotes around a key are not part of it")
    func quotedKey() {
        #expect(IdempotencyKey("\"abc\"") == IdempotencyKey("abc"))
    }

    @Test("anything else is no key", arguments: ["", "a b", "a\t", "é", "\u{7F}", "\"\"", String(repeating: "k", count: 256)])
    func notKeys(text: String) {
        #expect(IdempotencyKey(text) == nil)
    }

    @Test("a missing key and a doubled key are different problems")
    func keyProblems() throws {
        let none = try request([])
        let two = try request([("Idempotency-Key", "a"), ("idempotency-key", "b")])

        #expect(try IdempotencyKey.optional(in: none) == nil)
        #expect(#expect(throws: Problem.self) { try IdempotencyKey.required(in: none) }?.type == .idempotencyKeyMissing)
        #expect(#expect(throws: Problem.self) { try IdempotencyKey.optional(in: two) }?.type == .idempotencyKeyInvalid)
    }

    @Test("a token matches itself and nothing else")
    func token() throws {
        let token = try #require(OperatorToken("0123456789abcdef"))

        #expect(token.matches("0123456789abcdef"))
        #expect(!token.matches("0123456789abcdeF"))
        #expect(!token.matches("0123456789abcdef0"))
        #expect(!token.matches(""))
        #expect(OperatorToken("0123456789abcde") == nil)
        #expect(OperatorToken("0123456789 abcdef") == nil)
        #expect(OperatorToken("0123456789abcdef\n") == nil)
    }

    @Test("a problem document has the members of RFC 9457 and the fault's places")
    func document() {
        let problem = Problem.invalidContent([Problem.Fault(pointer: "/a/0", detail: "too \"long\"")])

        let text = String(decoding: problem.document(instance: "/v1/cases", trace: "t"), as: UTF8.self)

        #expect(
            text == #"{"type":"urn:huiyin:problem:invalid-content","title":"The content is not valid","status":422,"#
                + #""detail":"One value is not valid: too \"long\".","instance":"/v1/cases","trace":"t","#
                + #""errors":[{"pointer":"/a/0","detail":"too \"long\""}]}"#)
    }

    @Test("slugs are unique, made of lower-case words, and each has a title")
    func slugs() {
        #expect(Set(ProblemType.shared.map(\.slug)).count == ProblemType.shared.count)
        for type in ProblemType.shared {
            #expect(type.slug.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") })
            #expect(!type.title.isEmpty && !type.title.hasSuffix("."))
            #expect(type.status.code >= 400)
        }
    }

    @Test(
        "a refused retry is told in whole seconds, at least one",
        arguments: [(Duration.zero, "1"), (.milliseconds(1), "1"), (.milliseconds(1500), "2"), (.seconds(30), "30")])
    func retryAfter(duration: Duration, seconds: String) {
        #expect(Problem.unavailable("x", retryAfter: duration).headers[.retryAfter] == seconds)
    }

    private struct Sample: Decodable {
        struct Person: Decodable {
            let age: Int
        }
        let name: String
        let people: [Person]
        let when: Date
    }

    private func problem(_ body: String) -> Problem? {
        do {
            _ = try JSONRequestDecoder.decode(Sample.self, from: Data(body.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("a fault of a body points to its place")
    func pointers() {
        let good = #"{"name":"n","people":[{"age":3}],"when":"2026-03-01T08:00:00Z"}"#

        #expect(problem(good) == nil)
        #expect(problem(good.replacing("\"n\"", with: "1"))?.errors == [.init(pointer: "/name", detail: "text is expected here")])
        #expect(
            problem(good.replacing(":3", with: ":\"x\""))?.errors == [
                .init(pointer: "/people/0/age", detail: "a whole number is expected here")
            ])
        #expect(
            problem(good.replacing("\"age\":3", with: ""))?.errors == [.init(pointer: "/people/0/age", detail: "a value is required here")])
        #expect(problem(good.replacing("\"n\"", with: "null"))?.errors == [.init(pointer: "/name", detail: "null is not a value here")])
        #expect(
            problem(good.replacing("2026", with: "20x6"))?.errors
                == [.init(pointer: "/when", detail: "an instant like 2026-03-01T08:00:00Z is expected here")])
        #expect(problem(good.replacing("00Z", with: "00.250Z")) == nil)
        #expect(problem(good.replacing("00Z", with: "00+08:00")) == nil)
        #expect(problem("{")?.type == .malformedRequest)
        #expect(problem("[]")?.type == .invalidContent)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) { nil }
    }

    @Test("the characters of a pointer are escaped")
    func pointerEscapes() {
        #expect(JSONRequestDecoder.pointer(to: [Key(stringValue: "a/b~c")]) == "/a~1b~0c")
    }
}
