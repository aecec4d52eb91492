import Models

/// What brings notices to one endpoint: a mail server, a gateway, a folder.
public protocol NoticeCarrier: Sendable {
    /// The way's name in events, in the record of attempts and in logs: `file`, `webhook`, or what the operator calls it.
    var name: String { get }
    /// The wording of templates that suits it.
    var channel: NoticeChannel { get }

    /// How many notices it is given at once: what becomes of them is written down together, so a death in between repeats as many.
    var batch: Int { get }

    /// Why it cannot reach the recipient of a letter, who lacks what it needs; nil when it can.
    func obstacle(to letter: NoticeLetter) -> String?

    /// Delivers letters and says what became of each, in their order; begins none once `limit` is over.
    ///
    /// What it has begun by then ends within twenty seconds. The same letter may come again after a crash; it then has the same
    /// identifier.
    func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome]
}

extension NoticeCarrier {
    public var channel: NoticeChannel { .any }

    public var batch: Int { 256 }

    public func obstacle(to letter: NoticeLetter) -> String? { nil }
}

/// What became of one try.
///
/// An answer holds codes and words of ours, never what the other side wrote, which may repeat an address.
public enum NoticeOutcome: Sendable, Hashable {
    case delivered
    /// The endpoint did not take this one now; it may later.
    case later(String)
    /// The endpoint cannot be used now, whatever the notice: that costs the notice no try while no other gets through either. It may have
    /// asked for a rest.
    case down(String, rest: Duration? = nil)
    /// It broke while this notice was under way: the fault may be the notice's or the endpoint's, and counts for both.
    case dropped(String)
    /// It was not tried: others before it took too long, or got no answer.
    case untried(String)
    /// It was not tried: it is not the hour.
    case early
    /// It cannot be written before this service has what it lacks.
    case waiting(String)
    /// This endpoint never will.
    case impossible(String)

    /// What a gateway's status means that is none of its yes.
    static func refusal(_ status: Int, rest: Duration? = nil) -> NoticeOutcome {
        switch status {
        // A wrong address, method or password, and a gateway that is busy, are the same for every notice.
        case 300..<400, 401, 403, 404, 405, 407, 429, 502...504: .down("the gateway answered \(status)", rest: rest)
        case 408, 425, 500..<600: .dropped("the gateway answered \(status)")
        default: .impossible("the gateway answered \(status)")
        }
    }

    /// What was answered; empty for a delivery.
    var answer: String {
        switch self {
        case .delivered: ""
        case .later(let answer), .down(let answer, _), .dropped(let answer), .untried(let answer), .waiting(let answer),
            .impossible(let answer):
            answer
        case .early: "it waits for the hours in which it may go out"
        }
    }

    /// How long the endpoint asks to be left alone; nil when it does not.
    var wish: Duration? { if case .down(_, let rest) = self { rest } else { nil } }

    /// Whether it speaks of the endpoint: false for a fault of it, true for an answer of it, nil for neither.
    var isAnswer: Bool? {
        switch self {
        case .delivered, .later, .impossible: true
        case .down, .dropped: false
        case .untried, .early, .waiting: nil
        }
    }
}
