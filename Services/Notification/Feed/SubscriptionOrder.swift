import Models
import ServiceKit

/// What an operator does with a subscription.
enum SubscriptionOrder: Sendable, Hashable {
    case pause(String?)
    case resume
    /// Deliver again what follows a number.
    case replayAfter(Int64)
    /// Deliver again what happened since a moment.
    case replaySince(Instant)
    case rotate
    case test
    case remove

    /// The orders' names in addresses.
    enum Name: String, CaseIterable, Sendable { case pause, resume, replay, rotate, test, remove }

    /// Reads the body of an order.
    init(_ name: Name, _ body: [UInt8], now: Instant) throws(Problem) {
        var form = try FormReader(body: body)
        switch name {
        case .pause:
            let reason = form.text("reason", longest: 200, isRequired: false)
            try form.finish().check()
            self = .pause(reason)
        case .replay:
            let after = form.integer("after", in: 0...Int(Int32.max) * 1000, isRequired: false)
            let since = form.instant("since", now: now)
            if (after == nil) == (since == nil) {
                form.fault("/after", "give either after, the number behind which to begin again, or since, a time")
            }
            try form.finish().check()
            self = since.map { .replaySince($0) } ?? .replayAfter(Int64(after ?? 0))
        case .resume, .rotate, .test, .remove:
            try form.finish().check()
            self = name == .resume ? .resume : name == .rotate ? .rotate : name == .test ? .test : .remove
        }
    }
}
