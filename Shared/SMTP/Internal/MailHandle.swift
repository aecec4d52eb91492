import CCurl

/// libcurl's easy handle for one mail server (`curl_easy_init(3)`), which keeps the connection from mail to mail.
///
/// It belongs to the thread of its actor.
final class MailHandle {
    private let curl: UnsafeMutableRawPointer
    private let server: SMTPServer
    /// The mail under way or sent last: libcurl may speak to the server once more when the handle goes, and tells it.
    private var transfer: MailTransfer?

    /// libcurl's own preparations, once for the process (`curl_global_init(3)`).
    private static let isPrepared = curl_global_init(everyPart) == CURLE_OK

    init(_ server: SMTPServer) throws(SMTPError) {
        guard Self.isPrepared, let curl = curl_easy_init() else { throw Self.unusable }
        self.curl = curl
        self.server = server
        do throws(SMTPError) { try configure() } catch {
            curl_easy_cleanup(curl)
            throw error
        }
    }

    deinit { curl_easy_cleanup(curl) }

    private static var unusable: SMTPError {
        SMTPError(.library, "libcurl cannot be used for mail here: install a libcurl with SMTP and TLS", culprit: .server)
    }

    private func configure() throws(SMTPError) {
        let (tls, all): (Int, Int) = (Int(CURL_SSLVERSION_TLSv1_2), Int(CURLUSESSL_ALL.rawValue))
        let numbers: [(CURLoption, Int)] = [
            // Signals would meet threads that are not libcurl's.
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_UPLOAD, 1), (CURLOPT_VERBOSE, 1), (CURLOPT_NOPROGRESS, 0),
            (CURLOPT_CONNECTTIMEOUT_MS, server.connectLimit.milliseconds), (CURLOPT_TIMEOUT_MS, server.limit.milliseconds),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2), (CURLOPT_SSLVERSION, tls), (CURLOPT_TCP_KEEPALIVE, 1),
            (CURLOPT_USE_SSL, server.security == .none ? Int(CURLUSESSL_NONE.rawValue) : all),
        ]
        // An empty proxy keeps libcurl from asking the environment for one.
        let texts: [(CURLoption, String?)] = [
            (CURLOPT_URL, server.url), (CURLOPT_PROXY, ""), (CURLOPT_PROTOCOLS_STR, "smtp,smtps"), (CURLOPT_USERNAME, server.user),
            (CURLOPT_PASSWORD, server.password), (CURLOPT_CAINFO, server.certificates),
        ]
        var isSet = numbers.allSatisfy { huiyin_curl_set_long(curl, $0.0, $0.1) == CURLE_OK }
        for case (let option, let text?) in texts { isSet = isSet && huiyin_curl_set_text(curl, option, text) == CURLE_OK }
        // Authorities of the operator's own stand in place of the system's.
        if server.certificates != nil { isSet = isSet && huiyin_curl_set_text(curl, CURLOPT_CAPATH, nil) == CURLE_OK }
        isSet = isSet && huiyin_curl_set_read(curl, MailTransfer.read) == CURLE_OK
        isSet = isSet && huiyin_curl_set_debug(curl, MailTransfer.listen) == CURLE_OK
        isSet = isSet && huiyin_curl_set_progress(curl, MailTransfer.watch) == CURLE_OK
        guard isSet else { throw Self.unusable }
    }

    /// Sends one mail, breaking off when `isOver` says so.
    func send(_ mail: Mail, _ content: [UInt8], unless isOver: @escaping () -> Bool) throws(SMTPError) {
        let end = ContinuousClock.now + server.limit
        var transfer = MailTransfer(content, until: end, isOver)
        var result = try perform(mail, transfer, afresh: false)
        var connections = 0
        _ = huiyin_curl_get_long(curl, CURLINFO_NUM_CONNECTS, &connections)
        if result != CURLE_OK, connections == 0, transfer.isBeforeContent, transfer.reply == nil {
            // The server had closed the kept connection, and nothing of the mail had been said.
            transfer = MailTransfer(content, until: end, isOver)
            result = try perform(mail, transfer, afresh: true)
        }
        if let error = transfer.error(after: result) { throw error }
    }

    private func perform(_ mail: Mail, _ transfer: MailTransfer, afresh: Bool) throws(SMTPError) -> CURLcode {
        guard let recipients = curl_slist_append(nil, "<\(mail.to.address)>") else { throw Self.unusable }
        defer { curl_slist_free_all(recipients) }
        let former = self.transfer
        self.transfer = transfer
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        let isSet =
            huiyin_curl_set_text(curl, CURLOPT_MAIL_FROM, "<\(mail.from.address)>") == CURLE_OK
            && huiyin_curl_set_list(curl, CURLOPT_MAIL_RCPT, recipients) == CURLE_OK
            && huiyin_curl_set_pointer(curl, CURLOPT_READDATA, context) == CURLE_OK
            && huiyin_curl_set_pointer(curl, CURLOPT_DEBUGDATA, context) == CURLE_OK
            && huiyin_curl_set_pointer(curl, CURLOPT_XFERINFODATA, context) == CURLE_OK
            && huiyin_curl_set_long(curl, CURLOPT_FRESH_CONNECT, afresh ? 1 : 0) == CURLE_OK
        guard isSet else { throw Self.unusable }
        return withExtendedLifetime((former, transfer)) { curl_easy_perform(curl) }
    }
}

/// `CURL_GLOBAL_ALL`, a macro that Swift does not import: TLS and, elsewhere, Windows sockets.
private let everyPart = 3

extension Duration {
    fileprivate var milliseconds: Int { max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)) }
}
