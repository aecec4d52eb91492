/// The events that can start or end a clock of a rule pack.
public enum ClockEvents {
    public static let all: [EventType] = [
        "case.registered", "case.assigned", "case.accepted", "case.not-accepted", "case.redirected", "case.informed", "case.answered",
        "case.closed", "case.settled", "case.reopened", "case.merged", "case.withdrawn", "case.terminated", "answer.served",
        "review.served", "review.requested", "review.answered",
        "final-review.requested", "final-review.answered", "co-handling.assigned", "co-handling.answered", "co-handling.excused",
        "assistance.opened", "assistance.ended",
    ].compactMap(EventType.init)
}
