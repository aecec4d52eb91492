import Models

/// What became of one request to a subscription's end.
enum DeliveryOutcome: Sendable, Hashable {
    case delivered
    /// It took the request and refused what is in it.
    case refused(String)
    /// Nobody is there, or not now; after a while when it said after which.
    case away(String, after: Duration?)
    /// It will never be there again (410).
    case gone

    /// Longest pause that an end may ask for.
    static let longestPause = Duration.seconds(3600)

    /// Reads an answer: redirects are not followed, and an end that asks for time gets it.
    init(_ reply: WebhookReply, now: Instant) {
        switch reply.status {
        case 200..<300: self = .delivered
        case 410: self = .gone
        case 429, 503: self = .away("it answered \(reply.status)", after: reply.headers["retry-after"].flatMap { Self.pause($0, now) })
        case 300..<400: self = .away("it answered \(reply.status), and redirects are not followed: give the address itself", after: nil)
        case 408, 502, 504: self = .away("it answered \(reply.status)", after: nil)
        default: self = .refused("it answered \(reply.status)")
        }
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds, or a date as HTTP writes it (RFC 9110, 10.2.3).
    private static func pause(_ text: String, _ now: Instant) -> Duration? {
        if let seconds = Int(text), seconds >= 0 { return min(.seconds(seconds), longestPause) }
        // Sun, 06 Nov 1994 08:49:37 GMT
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: parts[2]),
            let moment = Instant("\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4])Z", defaultOffset: .zero)
        else { return nil }
        return min(max(moment - now, .zero), longestPause)
    }
}

/// Growing pauses with chance in them, so that many who failed together do not come again together.
enum RetryPause {
    /// Before the try that follows `failures` in a row: from half a second to ten minutes.
    static func after(_ failures: Int, first: Double = 0.5, most: Double = 600) -> Duration {
        let seconds = min(most, first * Double(1 << min(max(failures - 1, 0), 20)))
        return .milliseconds(Int64(seconds * Double.random(in: 750...1250)))
    }
}
