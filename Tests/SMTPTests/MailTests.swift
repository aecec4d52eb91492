import SMTP
import Testing

@Suite("A mail")
struct MailTests {
    private func headers(_ change: (inout Mail) -> Void) throws -> [String] {
        var letter = mail()
        change(&letter)
        let text = String(decoding: try letter.content(), as: UTF8.self)
        return text.split(separator: "\r\n\r\n")[0].replacing("\r\n ", with: " ").split(separator: "\r\n").map(String.init)
    }

    @Test(
        "takes no header from any of its fields",
        arguments: [
            "Hello\r\nBcc: all@example.org", "你好\nBcc: all@example.org", "x\u{2028}Bcc: y", "=?utf-8?B?DQpCY2M6?=", "a\u{85}Bcc: b",
        ])
    func injection(text: String) throws {
        let plain = try headers { _ in }
        let subject = try headers { $0.subject = text }
        let names = try headers {
            $0.to.name = text
            $0.from.name = text
        }

        func fields(_ headers: [String]) -> [Substring] { headers.map { $0.prefix { $0 != ":" } } }
        #expect(fields(subject) == fields(plain))
        #expect(fields(names) == fields(plain))
        #expect((subject + names).allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } })
    }

    @Test("has no line ends in what its headers say, encoded or not")
    func lines() throws {
        #expect(try headers { $0.subject = "你好\nBcc: x" } == headers { $0.subject = "你好 Bcc: x" })
        #expect(try headers { $0.to.name = "Li\nHua" } == headers { $0.to.name = "Li Hua" })
    }

    @Test(
        "is not sent to what is no address, and says so without repeating it",
        arguments: [
            "", "li", "li@", "@example.org", "li@example", "li@a.b\r\nRCPT TO:<x@y.z>", "l i@example.org", "李@example.org", "a@b@c.d",
            "<a@b.c>",
        ])
    func addresses(address: String) async throws {
        var letter = mail()
        letter.to.address = address

        let error = await failure { _ = try letter.content() }

        #expect(error?.code == .mail && error?.isRetryable == false && error?.culprit == .mail)
        #expect(!Mail.isAddress(address))
    }

    @Test("folds a long subject into encoded words that split no character")
    func longSubject() throws {
        var letter = mail()
        letter.subject = String(repeating: "事事有回音，件件有着落。", count: 20)

        let lines = String(decoding: try letter.content(), as: UTF8.self).split(separator: "\r\n")

        #expect(lines.allSatisfy { $0.utf8.count <= 78 + 10 })
        #expect(lines.count { $0.contains("=?utf-8?B?") } > 10)
    }

    @Test(
        "knows the forms of a server's address",
        arguments: [("smtps://m.example", 465), ("smtp://m.example", 587), ("smtp://[::1]:2525", 2525)])
    func servers(url: String, port: Int) throws {
        let server = try SMTPServer(url: url)

        #expect(server.port == port)
        #expect(server.security == (url.hasPrefix("smtps") ? .tls : .startTLS))
    }

    @Test(
        "knows no other forms", arguments: ["m.example", "http://m.example", "smtp://", "smtp://u:p@m.example", "smtp://m:0", "smtp://m/x"])
    func wrongServers(url: String) async {
        #expect(await failure { _ = try SMTPServer(url: url) }?.code == .address)
    }
}
