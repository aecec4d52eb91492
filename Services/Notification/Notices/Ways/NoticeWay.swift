import AsyncHTTPClient
import SMTP

/// A way that the operator has set up: an endpoint with a name.
struct NoticeWay: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case smtp, sms, webhook, file, letter
    }

    enum Endpoint: Sendable {
        case mail(SMTPServer, sender: Mail.Mailbox)
        case text(TextGateway)
        case webhook(url: String)
        /// A folder for JSON files; nil for the one of `HUIYIN_NOTICES_DIRECTORY`.
        case files(folder: String?)
        case letters(folder: String)
    }

    var name: String
    var endpoint: Endpoint

    /// The folder that must exist before anything can be put there.
    var folder: String? {
        switch endpoint {
        case .files(let folder): folder
        case .letters(let folder): folder
        case .mail, .text, .webhook: nil
        }
    }

    func carrier(client: HTTPClient, files: String) -> any NoticeCarrier {
        switch endpoint {
        case .mail(let server, let sender): MailCarrier(name: name, server: server, sender: sender)
        case .text(let gateway): TextCarrier(name: name, gateway: gateway, client: client)
        case .webhook(let url): WebhookCarrier(url: url, client: client, name: name)
        case .files(let folder): FileCarrier(directory: folder ?? files, name: name)
        case .letters(let folder): LetterCarrier(directory: folder, name: name)
        }
    }
}
