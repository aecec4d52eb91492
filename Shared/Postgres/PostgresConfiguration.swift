/// How to reach a database and as whom.
public struct PostgresConfiguration: Sendable {
    /// A libpq connection string: a URL or keywords.
    ///
    /// Several hosts with `target_session_attrs=read-write` find the primary,
    /// also after a failover.
    public var url: String
    /// Shown in `pg_stat_activity`.
    public var applicationName: String
    /// The schema that unqualified names mean; nil leaves the server's choice.
    public var schema: String?
    /// How many connections there may be.
    public var maximumConnections: Int
    /// How long connecting may take, over all hosts; libpq's own `connect_timeout` does not apply to non-blocking connects.
    public var connectTimeout: Duration
    /// How long one round trip may take before the connection is given up.
    public var queryTimeout: Duration
    /// How long to wait for a free connection.
    public var acquireTimeout: Duration

    public init(
        url: String, applicationName: String, schema: String? = nil, maximumConnections: Int = 8,
        connectTimeout: Duration = .seconds(5), queryTimeout: Duration = .seconds(30), acquireTimeout: Duration = .seconds(10)
    ) {
        self.url = url
        self.applicationName = applicationName
        self.schema = schema
        self.maximumConnections = maximumConnections
        self.connectTimeout = connectTimeout
        self.queryTimeout = queryTimeout
        self.acquireTimeout = acquireTimeout
    }
}
