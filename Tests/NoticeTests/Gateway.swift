import FoundationEssentials
import TestSupport

/// The counterpart `gateway.py` and what it was asked.
struct Gateway {
    struct Request: Decodable {
        var path: String
        var id: String?
        var authorization: String?
        var type: String?
        var body: [String: String?]
        var status: Int
    }

    let counterpart: Counterpart

    init() async throws { counterpart = try await Counterpart("gateway.py") }

    var url: String { "http://127.0.0.1:\(counterpart.port)" }

    func requests(to path: String = "/sms") throws -> [Request] {
        try counterpart.lines.filter { $0.hasPrefix("{") }.map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
            .filter { $0.path == path }
    }
}

/// The mails that the counterpart `mail_server.py` took.
struct MailRoom {
    struct Mail: Decodable {
        var id: String
        var recipient: String
        var subject: String
        var text: String
    }

    let counterpart: Counterpart

    init() async throws { counterpart = try await Counterpart("mail_server.py") }

    func mails() throws -> [Mail] {
        try counterpart.lines.filter { $0.hasPrefix("{") }.map { try JSONDecoder().decode(Mail.self, from: Data($0.utf8)) }
    }
}
