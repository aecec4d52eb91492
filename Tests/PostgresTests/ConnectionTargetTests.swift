import Testing

@testable import Postgres

@Suite("Connection strings")
struct ConnectionTargetTests {
    private func keyword(_ name: String, _ url: String, attempt: Int) throws -> String? {
        try ConnectionTarget(url).keywords(attempt: attempt).first { $0.0 == name }?.1
    }

    @Test("each attempt begins one host later, ports with their hosts")
    func rotation() throws {
        let url = "postgresql://u@a:1,b:2,c:3/db?target_session_attrs=read-write"

        #expect(try (0..<4).map { try keyword("host", url, attempt: $0) } == ["a,b,c", "b,c,a", "c,a,b", "a,b,c"])
        #expect(try (0..<4).map { try keyword("port", url, attempt: $0) } == ["1,2,3", "2,3,1", "3,1,2", "1,2,3"])
        #expect(try keyword("target_session_attrs", url, attempt: 1) == "read-write")
        #expect(try keyword("dbname", url, attempt: 1) == "db")
    }

    @Test("one host stays as it is, and one port stands for all hosts")
    func single() throws {
        #expect(try keyword("host", "host=a port=1 dbname=x,y", attempt: 5) == "a")
        #expect(try keyword("dbname", "host=a port=1 dbname=x,y", attempt: 5) == "x,y")
        #expect(try keyword("port", "host=a,b port=7", attempt: 1) == "7")
    }

    @Test(
        "a string that cannot be read is refused without quoting it",
        arguments: ["postgresql//u:secret@a/b", "postgresql://u:secret@[::/b"])
    func unreadable(url: String) {
        #expect {
            _ = try ConnectionTarget(url)
        } throws: { error in
            !"\(error)".contains("secret") && "\(error)".contains("write postgresql://")
        }
    }
}
