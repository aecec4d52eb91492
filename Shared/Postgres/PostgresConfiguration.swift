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
    /// How long a transaction may stand idle before the server ends it: a frozen process must not keep locks.
    public var idleInTransactionTimeout: Duration
    /// The role to become after connecting (`SET ROLE`); nil stays with the one that connects.
    public var role: String?

    public init(
        url: String, applicationName: String, schema: String? = nil, maximumConnections: Int = 8,
        connectTimeout: Duration = .seconds(5), queryTimeout: Duration = .seconds(30), acquireTimeout: Duration = .seconds(10),
        idleInTransactionTimeout: Duration = .seconds(10), role: String? = nil
    ) {
        self.url = url
        self.applicationName = applicationName
        self.schema = schema
        self.maximumConnections = maximumConnections
        self.connectTimeout = connectTimeout
        self.queryTimeout = queryTimeout
        self.acquireTimeout = acquireTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.role = role
    }

    /// What a new session is told, in one statement.
    var sessionSettings: SQL {
        // The server gives up a little before this side does, so that a query nobody waits for keeps no locks.
        let statementTimeout = queryTimeout - min(queryTimeout / 10, .milliseconds(500))
        var settings = [
            ("statement_timeout", "\(statementTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(idleInTransactionTimeout.milliseconds)"),
        ]
        // A commit that is reported is on disk, whatever the server's own setting; a stricter one stays.
        settings.append(("synchronous_commit", "on"))
        if let schema { settings.append(("search_path", SQL.quoted(schema))) }
        // Last, because the role may have no right to the others.
        if let role { settings.append(("role", role)) }
        return """
            SELECT set_config(name, CASE WHEN name = 'synchronous_commit' AND current_setting(name) NOT IN ('off', 'local')
                THEN current_setting(name) ELSE value END, false)
            FROM unnest(\(settings.map(\.0)), \(settings.map(\.1))) AS setting (name, value)
            """
    }
}

extension Duration {
    /// Whole milliseconds, one at least, since zero means "no limit" to the server.
    var milliseconds: Int64 { max(1, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }
}
