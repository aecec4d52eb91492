/// The limits of a service's HTTP server.
public struct HTTPOptions: Sendable {
    /// 1 MiB.
    public static let defaultBodyLimit = 1 << 20

    /// The most bytes of a request's body.
    public var bodyLimit = Self.defaultBodyLimit
    /// How long a connection may be silent: between requests, or in the middle of one.
    public var idleTimeout: Duration = .seconds(60)
    /// How long a whole request may take to arrive, and how long a client may leave its answer unread, so that one that drips
    /// bytes or sucks them does not hold a connection for ever.
    public var requestTimeout: Duration = .seconds(30)
    /// How many connections are served at once; the next ones wait in the listen queue.
    public var connectionLimit = 4096
    /// How long one readiness check may take.
    public var readinessTimeout: Duration = .seconds(2)

    public init() {}
}
