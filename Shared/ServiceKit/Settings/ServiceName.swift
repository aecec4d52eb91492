/// Names one of the four services: its program, its logger, and the port it listens on when nobody says otherwise.
public enum ServiceName: String, Sendable, CaseIterable, CustomStringConvertible {
    case intake, routing, deadline, notification

    /// The program, as an operator types it: `huiyin-intake`.
    public var executable: String { "huiyin-\(rawValue)" }

    /// The port on loopback of a service that was given no `HUIYIN_LISTEN`.
    public var defaultPort: Int {
        switch self {
        case .intake: 7101
        case .routing: 7102
        case .deadline: 7103
        case .notification: 7104
        }
    }

    public var description: String { rawValue }
}
