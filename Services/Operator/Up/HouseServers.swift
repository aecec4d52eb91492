import PrivateServers

/// The PostgreSQL and the RabbitMQ that the house uses: its own under `.huiyin`, or those that the environment names.
struct HouseServers: Sendable {
    /// PostgreSQL as administrator, as it is reached at this moment.
    var databaseURL: String { findDatabase() }
    private let findDatabase: @Sendable () -> String
    /// Where PostgreSQL is found, for people to read.
    let databaseAddress: String
    let brokerURL: String
    /// The broker's management API; nil when nobody named one.
    let managementURL: String?
    /// The processes to supervise; none when the servers are somebody else's.
    let children: [ChildSpec]

    /// The servers for `up`.
    ///
    /// - Parameter settings: Must hold the ports of both servers, unless the environment names servers.
    init(settings: HouseSettings, folder: HouseFolder, environment: [String: String]) throws(UpFailure) {
        if let external = try Self.external(environment) {
            findDatabase = { external.database }
            databaseAddress = DatabaseURL.shown(external.database)
            brokerURL = external.broker
            managementURL = environment["HUIYIN_BROKER_MANAGEMENT_URL"].flatMap { $0.isEmpty ? nil : $0 }
            children = []
            return
        }
        guard let own = Self.own(settings: settings, folder: folder) else {
            throw UpFailure("\(folder.settingsFile) has no ports for the servers: run `./huiyin up` first.")
        }
        self = own
    }

    private init(
        findDatabase: @escaping @Sendable () -> String, databaseAddress: String, brokerURL: String, managementURL: String?,
        children: [ChildSpec]
    ) {
        self.findDatabase = findDatabase
        self.databaseAddress = databaseAddress
        self.brokerURL = brokerURL
        self.managementURL = managementURL
        self.children = children
    }

    /// The servers that the environment names; nil when it names none.
    ///
    /// Throws when it names only one.
    static func external(_ environment: [String: String]) throws(UpFailure) -> (database: String, broker: String)? {
        let database = environment["HUIYIN_DATABASE_URL"] ?? ""
        let broker = environment["HUIYIN_BROKER_URL"] ?? ""
        if database.isEmpty, broker.isEmpty { return nil }
        guard !database.isEmpty, !broker.isEmpty else {
            let missing = database.isEmpty ? "HUIYIN_DATABASE_URL" : "HUIYIN_BROKER_URL"
            throw UpFailure(
                "\(missing) is not set while the other server's address is: set both to use your own servers, or neither to have private ones."
            )
        }
        return (database, broker)
    }

    /// The private servers; nil when the settings have no ports for them.
    static func own(settings: HouseSettings, folder: HouseFolder) -> HouseServers? {
        guard let databasePort = settings.ports["postgresql"], let brokerPort = settings.ports["rabbitmq"],
            let distributionPort = settings.ports["rabbitmq-distribution"]
        else { return nil }
        let database = PrivatePostgreSQL(
            directory: settings.databaseFolder ?? DatabaseFolder.inside(folder), port: databasePort, password: settings.databasePassword)
        let broker = PrivateRabbitMQ(
            directory: folder.path + "/rabbitmq", port: brokerPort, distributionPort: distributionPort, user: "huiyin",
            password: settings.brokerPassword, managementPort: settings.ports["rabbitmq-management"])
        let databaseChild = ChildSpec(
            name: "postgresql",
            plan: { marked(try await database.prepare(), settings, log: folder.logFile("postgresql")) },
            address: { await database.isReady() ? "127.0.0.1:\(databasePort)" : nil },
            // After a crash it replays its log before it answers.
            readyLimit: .seconds(300), stopLimit: .seconds(60))
        let brokerChild = ChildSpec(
            name: "rabbitmq",
            plan: { marked(try await broker.prepare(), settings, log: folder.logFile("rabbitmq")) },
            address: { await broker.isReady() ? "127.0.0.1:\(brokerPort)" : nil },
            readyLimit: .seconds(180), stopLimit: .seconds(60))
        return HouseServers(
            findDatabase: { database.nearURL(database: database.database) }, databaseAddress: DatabaseURL.shown(database.adminURL),
            brokerURL: broker.url, managementURL: broker.managementURL, children: [databaseChild, brokerChild])
    }

    private static func marked(_ plan: LaunchPlan, _ settings: HouseSettings, log: String) -> LaunchPlan {
        var plan = plan
        plan.environment[Orphans.variable] = settings.mark
        // One folder for all logs, which are turned there.
        plan.logFile = log
        return plan
    }
}
