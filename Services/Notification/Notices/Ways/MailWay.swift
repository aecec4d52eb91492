import Glibc
import SMTP

/// A mail server in the file of ways.
enum MailWay {
    static let known = [
        "server", "encryption", "sender", "sender-name", "user", "password-file", "password-variable", "certificates", "timeout-seconds",
    ]

    static func read(_ fields: WayFields, _ secrets: WaySecrets) throws(WayFault) -> NoticeWay.Endpoint {
        let (server, sender) = (try fields.required("server"), try fields.required("sender"))
        let address = try sender.text("\"sender\"")
        guard Mail.isAddress(address) else { throw sender.fault("\"sender\" is no mail address", "Write it like office@county.example.") }
        let (user, password) = (try fields.optionalText("user"), try secrets.secret("password", in: fields))
        if (user == nil) != (password == nil) {
            throw fields.node.fault(
                "\"user\" and its password do not stand there together", "Add the one that is missing, the password as \"password-file\".")
        }
        var isPlain = false
        if let encryption = fields["encryption"] {
            guard try encryption.text("\"encryption\"") == "none" else {
                throw encryption.fault("\"encryption\" is something else than none", "Leave it out: mails are encrypted then.")
            }
            isPlain = true
        }
        let certificates = try fields["certificates"]?.path("\"certificates\"")
        if let certificates, access(certificates, R_OK) != 0 {
            throw fields.node.fault("the file of \"certificates\" cannot be read", "Name a file of certificates in PEM.")
        }
        let seconds = try fields["timeout-seconds"]?.number("\"timeout-seconds\"", 1...20) ?? 20
        let url = try server.text("\"server\"")
        let name = try fields.optionalText("sender-name")
        let endpoint: SMTPServer
        do throws(SMTPError) {
            endpoint = try SMTPServer(
                url: url, isPlain: isPlain, user: user, password: password, certificates: certificates,
                connectLimit: .seconds(min(10, seconds)), limit: .seconds(seconds))
        } catch {
            throw server.fault(error.message, "Correct it.")
        }
        if endpoint.security == .none, password != nil, !endpoint.isOnThisMachine {
            throw fields.node.fault(
                "the password would travel through the network for everybody to read",
                "Leave \"encryption\" out, or leave out \"user\" and its password.")
        }
        return .mail(endpoint, sender: Mail.Mailbox(name: name, address: address))
    }
}
