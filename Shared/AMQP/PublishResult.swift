/// What the broker said of one message.
public enum PublishResult: Sendable, Hashable {
    /// Every queue it was routed to has it; a quorum queue on the disks of most of its members.
    case confirmed
    /// No queue is bound where it had to go; the text is the broker's code and reason.
    case returned(String)
    /// The broker could not take it.
    case refused
}
