import Models
import SMTP

/// Sends notices as mails through one server.
///
/// The Message-ID is made from the notice's identifier, so a mail that is sent twice is the same mail.
public struct MailCarrier: NoticeCarrier {
    public let name: String
    public let channel = NoticeChannel.mail
    public let batch = 32
    private let connection: SMTPConnection
    private let sender: Mail.Mailbox

    public init(name: String = "mail", server: SMTPServer, sender: Mail.Mailbox) {
        self.name = name
        self.sender = sender
        connection = SMTPConnection(server)
    }

    public func obstacle(to letter: NoticeLetter) -> String? {
        letter.email.map(Mail.isAddress) == true ? nil : "the recipient has no mail address"
    }

    public func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        let end = ContinuousClock.now + limit
        var outcomes: [NoticeOutcome] = []
        var faults = 0
        for letter in letters {
            guard faults < Self.patience, .now < end, !Task.isCancelled else {
                outcomes.append(.untried("it was not tried: the mail server answered too few"))
                continue
            }
            let outcome = await send(letter)
            faults = outcome.isAnswer == false ? faults + 1 : 0
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// After so many faults of the server in a row the rest of a batch is left for later.
    private static let patience = 5

    private func send(_ letter: NoticeLetter) async -> NoticeOutcome {
        let mail = Mail(
            id: letter.id.description, from: sender, to: .init(name: letter.name, address: letter.email ?? ""), subject: letter.subject,
            text: letter.body, seconds: letter.time.microseconds / 1_000_000)
        do throws(SMTPError) {
            try await connection.send(mail)
            return .delivered
        } catch {
            switch error.culprit {
            case _ where error.code == .cancelled: return .untried(error.message)
            case .server: return .down(error.message)
            case .either: return .dropped(error.message)
            case .mail: return error.isRetryable ? .later(error.message) : .impossible(error.message)
            }
        }
    }
}
