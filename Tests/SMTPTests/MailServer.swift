import FoundationEssentials
import SMTP
import TestSupport

/// The counterpart `mail_server.py` and what it received.
struct MailServer {
    /// A mail as Python's parser read it.
    struct Received: Decodable {
        var from: String
        var to: String
        var subject: String
        var id: String
        var date: Double
        var text: String
        var headers: [String]
        var defects: [String]
        var login: Bool
        /// The port of the connection that it came by.
        var connection: Int
        var recipient: String
        /// The bytes of its longest line.
        var longest: Int
    }

    let counterpart: Counterpart

    init(_ arguments: String...) async throws { counterpart = try await Counterpart("mail_server.py", arguments) }

    var certificate: String { counterpart.folder + "/certificate.pem" }

    func received() throws -> [Received] {
        try counterpart.lines.filter { $0.hasPrefix("{") }.map { try JSONDecoder().decode(Received.self, from: Data($0.utf8)) }
    }

    func server(
        _ scheme: String = "smtp", isPlain: Bool = false, user: String? = nil, password: String? = nil, certificates: String? = nil,
        limit: Duration = .seconds(20)
    ) throws -> SMTPServer {
        try SMTPServer(
            url: "\(scheme)://127.0.0.1:\(counterpart.port)", isPlain: isPlain, user: user, password: password,
            certificates: certificates, limit: limit)
    }
}

/// A mail to `recipient`.
func mail(to recipient: String = "li.hua", id: String = "0199-1") -> Mail {
    Mail(
        id: id, from: .init(name: "测试县信访局", address: "petitions@county.example"),
        to: .init(name: "李华", address: "\(recipient)@people.example"),
        subject: "您的信访事项已受理", text: "您好：\n\n已受理。\n.\nEnd.", seconds: 1_790_000_000)
}

/// The error that `body` throws, if it is one of mail.
func failure(_ body: () async throws -> Void) async -> SMTPError? {
    do { try await body() } catch { return error as? SMTPError }
    return nil
}
