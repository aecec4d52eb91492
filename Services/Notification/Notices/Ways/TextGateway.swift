import Models

/// A gateway for text messages: the request that it wants, and how its answers are read.
struct TextGateway: Sendable {
    var method: String
    var url: RequestTemplate
    var headers: [(name: String, value: RequestTemplate)]
    var body: RequestTemplate?
    /// Secrets by the names that templates give them.
    var secrets: [String: String]
    /// The statuses that mean yes.
    var success: ClosedRange<Int>
    /// What the body of a yes must hold; nil for anything.
    var successText: String?
    /// What the body of a no for good holds, such as "invalid number"; nil when only the status tells.
    var neverText: String?
    /// The most requests in a second; nil for as many as it takes.
    var perSecond: Int?

    /// What a template may put in, besides secrets.
    static let fields = ["phone", "name", "subject", "text", "number", "id"]

    func values(of letter: NoticeLetter) -> [String: String] {
        secrets.merging([
            "phone": letter.phone ?? "", "name": letter.name ?? "", "subject": letter.subject, "text": letter.body, "number": letter.number,
            "id": letter.id.description,
        ]) { $1 }
    }

    /// What an answer means.
    func outcome(_ status: Int, _ body: [UInt8], rest: Duration? = nil) -> NoticeOutcome {
        let text = String(decoding: body, as: UTF8.self)
        if let neverText, text.contains(neverText) { return .impossible("the gateway answered \(status) and refused it for good") }
        if success.contains(status) {
            guard let successText, !text.contains(successText) else { return .delivered }
            return .dropped("the gateway answered \(status) without saying that it took it")
        }
        return .refusal(status, rest: rest)
    }
}
