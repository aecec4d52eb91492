import Models
import Testing

@testable import Operator

@Suite("The columns of an import")
struct ImportColumnsTests {
    private func body(_ fields: [String]) throws -> JSONValue {
        let columns = try ImportColumns(header: ["user", "title", "narrative", "phone"], map: [])
        return try JSONValue(parsing: columns.body(of: fields))
    }

    @Test("make one line of a cell that was wrapped, but not of the narrative")
    func wrapped() throws {
        let text = try body(["Li\nHua", "the\r\nlamp\tis out", "first\nsecond", "1"]).text

        #expect(text.contains(#""name":"Li Hua""#))
        #expect(text.contains(#""title":"the lamp is out""#))
        #expect(text.contains(#""narrative":"first\nsecond""#))
    }

    @Test("take several tags of one cell, in whichever way they are separated")
    func tags() throws {
        let columns = try ImportColumns(header: ["title", "narrative", "tags"], map: [])
        for cell in ["needy veteran", "needy,veteran", " needy； veteran、", "needy\nveteran"] {
            let body = try JSONValue(parsing: columns.body(of: ["t", "n", cell]))
            #expect(body["tags"] == .array([.string("needy"), .string("veteran")]), "\(cell)")
        }
        #expect(try JSONValue(parsing: columns.body(of: ["t", "n", " "]))["tags"] == nil)
    }

    @Test("take a cell of blanks as none")
    func blank() throws {
        #expect(try body([" ", "a", "b", "\u{3000}"]).text.contains(#""anonymous":true"#))
    }
}
