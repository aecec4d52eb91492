import Testing

@testable import Operator

@Suite("Reading a CSV file record by record")
struct CSVReaderTests {
    private static let header = "id,user,title,narrative\n"

    private func items(_ bytes: [UInt8]) -> [CSVReader.Item] {
        var reader = CSVReader(bytes)
        return Array(AnyIterator { reader.next() })
    }

    private func items(_ text: String) -> [CSVReader.Item] { items(Array(text.utf8)) }

    /// Line numbers and what stands there: `2`, or `!2` for a fault.
    private func outline(_ items: [CSVReader.Item]) -> [String] {
        items.map { item in
            switch item {
            case .record(let line, _): "\(line)"
            case .fault(let line, _): "!\(line)"
            }
        }
    }

    @Test("A byte order mark is skipped, and both line ends and quoted commas, quotes and line ends are read")
    func plain() {
        let text = "\u{FEFF}a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n\n\"2\",\n"

        #expect(
            items(text) == [
                .record(line: 1, fields: ["a", "b"]), .record(line: 2, fields: ["1", "x, \"y\"\r\nz"]),
                .record(line: 5, fields: ["2", ""]),
            ])
    }

    @Test("The last line needs no line end", arguments: ["a,b\n1,2", "a,b\n1,\"2\"", "a,b\r\n1,\"2\"\r"])
    func lastLine(text: String) {
        #expect(items(text).last == .record(line: 2, fields: ["1", "2"]))
    }

    @Test("A file without anything has no record", arguments: ["", "\u{FEFF}", "\n\r\n\n"])
    func empty(text: String) { #expect(items(text).isEmpty) }

    @Test(
        "A fault inside a quoted field of many lines costs that record alone, and its lines are no records of their own",
        arguments: [[0x00], [0xFF], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func spoiltField(bad: [UInt8]) {
        let (before, after) = ("1,u1,road,\"We ask for:\nfirst,Li,wages,unpaid\nsecond,Wang,wa", "ges,unpaid\nthank you\"\n2,u2,t,n\n")

        let found = items(Array((Self.header + before).utf8) + bad + Array(after.utf8))

        #expect(outline(found) == ["1", "!2", "6"])
        #expect(found.last == .record(line: 6, fields: ["2", "u2", "t", "n"]))
    }

    @Test(
        "A record of many lines with a field too many or too few is one fault",
        arguments: ["1,u,t,\"a\nb,c,d,e\nf\",x", "1,u,\"a\nb,c,d,e\nf\""])
    func wrongWidth(record: String) {
        let found = items(Self.header + record + "\n2,u2,t,n")

        #expect(outline(found) == ["1", "!2", "5"])
    }

    @Test("A quote that is never closed, stands inside a field or has something behind it costs its line alone")
    func brokenQuotes() {
        for broken in ["1,u,t,\"open", "1,u,t,in\"side", "1,u,\"t\"x,n", "1,u,\"t\"\rx,n"] {
            let found = items(Self.header + "0,u,t,n\n" + broken + "\n2,u2,t,n\n3,u3,\"t\",n\n")

            #expect(outline(found) == ["1", "2", "!3", "4", "5"], "\(broken)")
        }
    }

    @Test("Behind a sound field of many lines a broken quote costs no more than its own line")
    func brokenQuoteAfterLines() {
        let found = items(Self.header + "1,\"u\nfirst,Li,wages,unpaid\nv\",t,\"open\n2,u2,\"t\",n\n")

        #expect(outline(found) == ["1", "!2", "5"])
    }

    @Test("What is still to come is counted without moving on")
    func remaining() {
        var reader = CSVReader(Array((Self.header + "1,u,\"a\nb\",n\n2,u\n").utf8))

        #expect(reader.remaining == 3)
        #expect(reader.next() == .record(line: 1, fields: ["id", "user", "title", "narrative"]))
        #expect(reader.remaining == 2)
    }

    @Test("A field of more than a mebibyte is a fault, and reading goes on behind its line")
    func hugeField() {
        let huge = String(repeating: "x", count: 1_100_000)

        #expect(outline(items(Self.header + "1,u,t,\"" + huge + "\"\n2,u2,t,n\n")) == ["1", "!2", "3"])
    }
}
