import Models

/// Whose notices a courier carries: who is reached another way has one of their own, so that a way that is closed holds up nobody else.
public enum NoticeAudience: Sendable, Hashable {
    case everyone, petitioners, units

    func includes(_ recipient: NoticeRecipient) -> Bool {
        switch self {
        case .everyone: true
        case .petitioners: recipient.isPetitioner
        case .units: !recipient.isPetitioner
        }
    }
}
