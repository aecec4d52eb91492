import FoundationEssentials
import Glibc

/// A plain text mail to one recipient.
public struct Mail: Sendable, Hashable {
    /// Somebody's address, and the name before it.
    public struct Mailbox: Sendable, Hashable {
        public var name: String?
        /// `local@domain` in ASCII.
        public var address: String

        public init(name: String? = nil, address: String) {
            self.name = name
            self.address = address
        }
    }

    /// What makes the mail the same one when it is sent again: letters, digits and hyphens; it becomes the Message-ID.
    public var id: String
    public var from: Mailbox
    public var to: Mailbox
    public var subject: String
    public var text: String
    /// When it was written, in seconds since 1970.
    public var seconds: Int64

    public init(id: String, from: Mailbox, to: Mailbox, subject: String, text: String, seconds: Int64) {
        self.id = id
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.seconds = seconds
    }

    /// Whether mail can be sent to `address`: one `@`, visible ASCII, nothing that ends or splits an address.
    public static func isAddress(_ address: String) -> Bool {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].utf8.count >= 3 && parts[1].contains(".") && address.utf8.count <= 254
            && !parts[1].hasPrefix(".") && !parts[1].hasSuffix(".") && !parts[1].hasPrefix("-")
            && address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"<>()[]\\,;:\"".utf8.contains($0) }
    }

    /// The mail as RFC 5322 bytes; no field can add a header, whatever it holds.
    ///
    /// Throws `SMTPError` of code `mail` for an address or an id that cannot be sent.
    public func content() throws(SMTPError) -> [UInt8] {
        guard Self.isAddress(from.address) else { throw SMTPError(.mail, "the sender's address is none that mail can be sent from") }
        guard Self.isAddress(to.address) else { throw SMTPError(.mail, "the recipient's address is none that mail can be sent to") }
        guard !id.isEmpty, id.utf8.count <= 200, id.utf8.allSatisfy({ HeaderText.isWord($0) || $0 == UInt8(ascii: "-") }) else {
            throw SMTPError(.mail, "the identifier of a mail is something else than letters, digits and hyphens")
        }
        let domain = from.address.split(separator: "@").last ?? "localhost"
        let headers = [
            "Date: \(Self.date(seconds))", "From: \(HeaderText.mailbox(from))", "To: \(HeaderText.mailbox(to))",
            "Subject: \(HeaderText.unstructured(subject))", "Message-ID: <\(id)@\(domain)>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated",
        ]
        return Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    /// The text in base64, in lines of 76, with the line ends that mail has.
    private var body: String {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.joined(separator: "\r\n")
        return Data((lines + "\r\n").utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
            + "\r\n"
    }

    /// `Sat, 28 Nov 2026 13:40:00 +0000`.
    private static func date(_ seconds: Int64) -> String {
        var (time, parts) = (time_t(seconds), tm())
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(day), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(Int(parts.tm_year) + 1900) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) +0000"
    }
}
