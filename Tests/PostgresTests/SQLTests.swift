import Testing

@testable import Postgres

@Suite("Statements from string literals")
struct SQLTests {
    @Test("values become numbered parameters and never text")
    func parameters() {
        let hostile = "'; DROP TABLE cases; --"

        let statement: SQL = "SELECT \(1) FROM t WHERE name = \(hostile) AND flag = \(true)"

        #expect(statement.text == "SELECT $1 FROM t WHERE name = $2 AND flag = $3")
        #expect(statement.types == [20, 25, 16])
        #expect(statement.lengths == [8, Int32(hostile.utf8.count), 1])
        #expect(statement.buffer.bytes == [0, 0, 0, 0, 0, 0, 0, 1] + Array(hostile.utf8) + [1])
    }

    @Test("an absent value is NULL of its type")
    func null() {
        let absent: Int32? = nil

        let statement: SQL = "SELECT \(absent), \(Int32(7) as Int32?), \("" as String?)"

        #expect(statement.types == [23, 23, 25])
        #expect(statement.lengths == [-1, 4, 0])
        #expect(statement.buffer.bytes == [0, 0, 0, 7])
    }

    @Test("an array is one parameter in the binary form of arrays")
    func arrays() {
        let statement: SQL = "SELECT \([Int32(1), 2]), \(["a", nil] as [String?]), \([] as [Int64]), \([[1], []] as [[UInt8]])"

        let two: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 2]
        let optional: [UInt8] = [
            0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 97, 255, 255, 255, 255,
        ]
        let none: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20]
        let bytes: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0]
        #expect(statement.types == [1007, 1009, 1016, 1001])
        #expect(statement.lengths == [two.count, optional.count, none.count, bytes.count].map(Int32.init))
        #expect(statement.buffer.bytes == two + optional + none + bytes)
    }

    @Test("bytes are bytea and JSON is jsonb with its version")
    func bytes() {
        let statement: SQL = "SELECT \([1, 2] as [UInt8]), \(PostgresJSON(Array("{}".utf8)))"

        #expect(statement.types == [17, 3802])
        #expect(statement.buffer.bytes == [1, 2, 1] + Array("{}".utf8))
    }

    @Test("a name is quoted, marks in it are doubled, and unsafe text stays as it is")
    func names() {
        let statement: SQL = "SELECT * FROM \(identifier: "a\"b") \(unsafe: "LIMIT 1")"

        #expect(statement.text == "SELECT * FROM \"a\"\"b\" LIMIT 1")
        #expect(statement.types.isEmpty)
        #expect(SQL.literal("a'b") == "'a''b'")
    }

    @Test("a NUL character is noticed wherever it hides", arguments: ["\0", "a\0", "\0a"])
    func nul(text: String) {
        #expect(("SELECT \(text)" as SQL).buffer.holdsNUL)
        #expect(("SELECT \(["a", text])" as SQL).buffer.holdsNUL)
        #expect(!("SELECT \(["a", "b"]), \([0] as [UInt8]), \(0)" as SQL).buffer.holdsNUL)
    }
}
