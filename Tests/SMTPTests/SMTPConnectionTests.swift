import PrivateServers
import SMTP
import TestSupport
import Testing

@Suite("A connection to a mail server", .timeLimit(.minutes(3)))
struct SMTPConnectionTests {
    @Test(
        "hands over mails by TLS and login that another parser reads as they were meant, over one connection", arguments: ["smtps", "smtp"])
    func goodMail(scheme: String) async throws {
        let server = try await MailServer("--tls", scheme == "smtps" ? "implicit" : "starttls", "--login", "huiyin:secret pass")
        let connection = SMTPConnection(
            try server.server(scheme, user: "huiyin", password: "secret pass", certificates: server.certificate))

        try await connection.send(mail())
        try await connection.send(mail(to: "wang", id: "0199-2"))

        let received = try server.received()
        let first = try #require(received.first)
        #expect(received.count == 2)
        #expect(first.from == "测试县信访局 <petitions@county.example>")
        #expect(first.to == "李华 <li.hua@people.example>")
        #expect(first.subject == "您的信访事项已受理")
        #expect(first.id == "<0199-1@county.example>")
        #expect(first.text.replacing("\r\n", with: "\n") == "您好：\n\n已受理。\n.\nEnd.\n")
        #expect(first.date == 1_790_000_000)
        #expect(first.defects.isEmpty && first.login && first.longest <= 78)
        #expect(Set(received.map(\.connection)).count == 1)
        connection.close()
        await server.counterpart.stop()
    }

    @Test("takes a greylisted mail for one that comes later, and it is accepted then")
    func greylisting() async throws {
        let server = try await MailServer()
        let connection = SMTPConnection(try server.server(isPlain: true))

        let error = await failure { try await connection.send(mail(to: "greylist")) }
        try await connection.send(mail(to: "greylist"))

        #expect(error?.code == .notNow && error?.isRetryable == true && error?.culprit == .mail)
        #expect(error?.message == "the mail server does not take this mail now (451 4.7.1)")
        #expect(try server.received().count == 1)
        await server.counterpart.stop()
    }

    @Test(
        "tells what is refused for good from what is not, and whom it says something of",
        arguments: [
            ("unknown", SMTPError.Code.recipientRefused, SMTPError.Culprit.mail, 550, false), ("spam", .contentRefused, .mail, 554, false),
            ("full", .notNow, .mail, 452, true),
        ])
    func refusals(
        recipient: String, code: SMTPError.Code, culprit: SMTPError.Culprit, reply: Int, isRetryable: Bool
    ) async throws {
        let server = try await MailServer()
        let connection = SMTPConnection(try server.server(isPlain: true))

        let error = await failure { try await connection.send(mail(to: recipient)) }
        try await connection.send(mail())

        #expect(error?.code == code && error?.culprit == culprit && error?.replyCode == reply && error?.isRetryable == isRetryable)
        #expect(error?.message.contains("people.example") == false)
        #expect(try server.received().count == 1)
        await server.counterpart.stop()
    }

    @Test("may be sent again when the connection breaks while the content is under way")
    func drop() async throws {
        let server = try await MailServer()
        let connection = SMTPConnection(try server.server(isPlain: true))

        let error = await failure { try await connection.send(mail(to: "drop")) }
        try await connection.send(mail())

        #expect(error?.code == .connectionLost && error?.culprit == .either && error?.isRetryable == true)
        #expect(try server.received().count == 1)
        await server.counterpart.stop()
    }

    @Test("makes a connection again that the server closed between two mails")
    func idleClose() async throws {
        let server = try await MailServer("--closes")
        let connection = SMTPConnection(try server.server(isPlain: true))

        for number in 1...3 { try await connection.send(mail(id: "0199-\(number)")) }

        #expect(try server.received().map(\.id).count == 3)
        await server.counterpart.stop()
    }

    @Test("sends nothing to a server whose certificate is not trusted or is for another name")
    func certificates() async throws {
        let server = try await MailServer("--tls", "implicit")
        let other = try await MailServer("--tls", "starttls", "--name", "mail.other.example")

        let untrusted = await failure { try await SMTPConnection(try server.server("smtps")).send(mail()) }
        let misnamed = await failure { try await SMTPConnection(try other.server(certificates: other.certificate)).send(mail()) }

        #expect(untrusted?.code == .certificate && untrusted?.culprit == .server)
        #expect(misnamed?.code == .certificate)
        #expect(try server.received().isEmpty && other.received().isEmpty)
        await server.counterpart.stop()
        await other.counterpart.stop()
    }

    @Test("sends nothing in the clear unless told to")
    func noTLS() async throws {
        let server = try await MailServer()

        let error = await failure { try await SMTPConnection(try server.server()).send(mail()) }

        #expect(error?.code == .noTLS && error?.isRetryable == true)
        #expect(try server.received().isEmpty)
        await server.counterpart.stop()
    }

    @Test("holds a wrong password and a refused sender for faults of the server's settings, not of the mail")
    func login() async throws {
        let server = try await MailServer("--tls", "starttls", "--login", "huiyin:secret")
        let open = try await MailServer()
        var refused = mail()
        refused.from.address = "refused@county.example"

        let login = await failure {
            try await SMTPConnection(try server.server(user: "huiyin", password: "wrong", certificates: server.certificate)).send(mail())
        }
        let sender = await failure { try await SMTPConnection(try open.server(isPlain: true)).send(refused) }

        #expect(login?.code == .loginRefused && login?.culprit == .server && login?.isRetryable == true)
        #expect(sender?.code == .senderRefused && sender?.culprit == .server && sender?.isRetryable == true)
        await server.counterpart.stop()
        await open.counterpart.stop()
    }

    @Test("ends a wait for a silent server by its limit, by cancellation and by closing")
    func silence() async throws {
        let server = try await MailServer()
        let (patient, closed) = (SMTPConnection(try server.server(isPlain: true)), SMTPConnection(try server.server(isPlain: true)))

        let late = await failure {
            try await SMTPConnection(try server.server(isPlain: true, limit: .milliseconds(500))).send(mail(to: "silent"))
        }
        let task = Task { await failure { try await patient.send(mail(to: "silent")) } }
        let other = Task { await failure { try await closed.send(mail(to: "silent")) } }
        task.cancel()
        closed.close()

        #expect(late?.code == .timedOut && late?.culprit == .either)
        #expect(await task.value?.code == .cancelled)
        #expect(await other.value?.code == .cancelled)
        await server.counterpart.stop()
    }

    @Test("calls a server that is not there a fault of the server")
    func nobody() async throws {
        let server = try SMTPServer(url: "smtp://127.0.0.1:\(try LoopbackPort.choose())", isPlain: true)

        let error = await failure { try await SMTPConnection(server).send(mail()) }

        #expect(error?.code == .connectionFailed && error?.culprit == .server && error?.curlCode == 7)
    }
}
