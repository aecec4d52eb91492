import CCurl

/// One mail on its way through libcurl: what is still to be sent, how far the conversation came and what the server said last.
final class MailTransfer {
    /// How far the conversation of RFC 5321 came.
    private enum Step: Int { case greeting, hello, tls, login, sender, recipient, content }

    private let content: [UInt8]
    private let isOver: () -> Bool
    private var sent = 0
    private var step = Step.greeting
    /// The code of the server's last reply to what was said last; nil when it has not replied.
    private(set) var reply: Int?
    /// The enhanced code of RFC 3463 in that reply, such as 4.7.1.
    private var detail: String?
    /// Whether the conversation is being ended, so that what is said now says nothing of the mail.
    private var isLeaving = false
    private let deadline: ContinuousClock.Instant

    init(_ content: [UInt8], until deadline: ContinuousClock.Instant, _ isOver: @escaping () -> Bool) {
        self.content = content
        self.isOver = isOver
        self.deadline = deadline
    }

    var isBeforeContent: Bool { step.rawValue < Step.content.rawValue }

    // Called by libcurl on the thread of `curl_easy_perform`, with what was set as its data.

    static let read: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
        buffer, size, count, data in
        guard let buffer, let data else { return 0 }
        return Unmanaged<MailTransfer>.fromOpaque(data).takeUnretainedValue()
            .give(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    }

    static let watch: @convention(c) (UnsafeMutableRawPointer?, curl_off_t, curl_off_t, curl_off_t, curl_off_t) -> Int32 = {
        data, _, _, _, _ in
        data.map { Unmanaged<MailTransfer>.fromOpaque($0).takeUnretainedValue().mustEnd ? 1 : 0 } ?? 1
    }

    static let listen:
        @convention(c) (UnsafeMutableRawPointer?, curl_infotype, UnsafeMutablePointer<CChar>?, Int, UnsafeMutableRawPointer?) -> Int32 = {
            _, kind, text, size, data in
            guard let text, let data else { return 0 }
            let bytes = UnsafeRawBufferPointer(start: text, count: size)
            let transfer = Unmanaged<MailTransfer>.fromOpaque(data).takeUnretainedValue()
            if kind == CURLINFO_HEADER_OUT { transfer.said(bytes) } else if kind == CURLINFO_HEADER_IN { transfer.heard(bytes) }
            return 0
        }

    private func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, content.count - sent)
        buffer.copyBytes(from: content[sent..<sent + count])
        sent += count
        return count
    }

    /// Whether libcurl is to stop: it waits for the answer to QUIT, which nobody needs, and for the end of data by limits of its own.
    private var mustEnd: Bool { isLeaving || isOver() || ContinuousClock.now > deadline }

    /// Notes which command was said; credentials, in base64, hold none of these words with what follows them.
    private func said(_ bytes: UnsafeRawBufferPointer) {
        let commands: [(String, Step)] = [
            ("EHLO ", .hello), ("HELO ", .hello), ("STARTTLS\r", .tls), ("AUTH ", .login), ("MAIL ", .sender), ("RCPT ", .recipient),
            ("DATA\r", .content),
        ]
        if bytes.starts(with: "QUIT\r".utf8) { isLeaving = true }
        if isLeaving { return }
        if let command = commands.first(where: { bytes.starts(with: $0.0.utf8) }) { step = command.1 }
        (reply, detail) = (nil, nil)
    }

    private func heard(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes.prefix(64), as: UTF8.self)
        guard !isLeaving, let code = Int(line.prefix(3)), (200..<600).contains(code) else { return }
        reply = code
        let word = line.dropFirst(4).prefix { $0 == "." || ("0"..."9").contains($0) }
        detail = word.split(separator: ".", omittingEmptySubsequences: false).count == 3 ? String(word) : nil
    }

    /// What a result of `curl_easy_perform` means; nil for success.
    func error(after result: CURLcode) -> SMTPError? {
        if result == CURLE_OK { return nil }
        let said = reply.map { code in " (\(code)\(detail.map { " \($0)" } ?? ""))" } ?? ""
        func error(_ code: SMTPError.Code, _ sentence: String, _ culprit: SMTPError.Culprit) -> SMTPError {
            SMTPError(code, sentence + said, curlCode: result.rawValue, replyCode: reply, culprit: culprit)
        }
        switch result {
        case CURLE_ABORTED_BY_CALLBACK where isOver(): return error(.cancelled, "the mail was broken off", .server)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT:
            return error(.connectionFailed, "the mail server cannot be reached", .server)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM:
            return error(.certificate, "the mail server's certificate is not trusted, or is for another name", .server)
        case CURLE_SSL_CONNECT_ERROR: return error(.connectionFailed, "the mail server and this side agree on no TLS", .server)
        case CURLE_USE_SSL_FAILED: return error(.noTLS, "the mail server offers no TLS", .server)
        case CURLE_LOGIN_DENIED: return error(.loginRefused, "the mail server refused the login", .server)
        default: break
        }
        // What was said counts for more than how libcurl names it.
        switch (reply ?? 0, step) {
        case (421, _): return error(.notNow, "the mail server takes no mail now", .server)
        case (400..<500, .recipient), (400..<500, .content): return error(.notNow, "the mail server does not take this mail now", .mail)
        case (400..<500, _): return error(.notNow, "the mail server takes no mail now", .server)
        // 530 asks for a login, and 5.7.x is policy, not the recipient's; of the content it may be (5.7.1 of a filter).
        case (530, _): return error(.loginRefused, "the mail server asks for a login", .server)
        case (500..<600, .recipient) where detail?.hasPrefix("5.7.") == true:
            return error(.notNow, "the mail server relays nothing for us", .either)
        case (500..<600, .recipient): return error(.recipientRefused, "the mail server refuses the recipient", .mail)
        case (500..<600, .content): return error(.contentRefused, "the mail server refuses the mail", .mail)
        case (500..<600, .sender): return error(.senderRefused, "the mail server refuses the sender", .server)
        case (500..<600, .login): return error(.loginRefused, "the mail server refused the login", .server)
        case (500..<600, _): return error(.connectionFailed, "the mail server refuses the conversation", .server)
        default: break
        }
        let culprit: SMTPError.Culprit = step == .recipient || step == .content ? .either : .server
        return result == CURLE_OPERATION_TIMEDOUT || result == CURLE_ABORTED_BY_CALLBACK
            ? error(.timedOut, "the mail server did not answer in time", culprit)
            : error(.connectionLost, "the connection to the mail server broke", culprit)
    }
}
