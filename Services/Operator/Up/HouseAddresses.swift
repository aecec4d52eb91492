/// Where the house can be reached, and with which token: from the environment, else from what `up` wrote.
///
/// The environment wins one variable at a time: `HUIYIN_INTAKE_URL` (and so on for each service), `HUIYIN_OPERATOR_TOKEN`,
/// `HUIYIN_DATABASE_URL` and `HUIYIN_BROKER_URL`.
public struct HouseAddresses: Sendable, CustomStringConvertible, CustomReflectable {
    /// `http://host:port` of each service's first process, by service name.
    public var services: [String: String]
    public var operatorToken: String
    /// PostgreSQL as administrator.
    public var databaseURL: String
    public var brokerURL: String

    public init(services: [String: String], operatorToken: String, databaseURL: String, brokerURL: String) {
        self.services = services
        self.operatorToken = operatorToken
        self.databaseURL = databaseURL
        self.brokerURL = brokerURL
    }

    /// The house that the environment names, or that was last started in this folder or above it.
    ///
    /// Throws a sentence when a command needs an address that neither knows.
    public static func find(environment: [String: String]) throws(UpFailure) -> HouseAddresses {
        try find(environment: environment, folder: HouseFolder.current(environment: environment))
    }

    static func find(environment: [String: String], folder: HouseFolder) throws(UpFailure) -> HouseAddresses {
        let known = try Known(environment: environment, folder: folder)
        var services: [String: String] = [:]
        for name in HouseSettings.services { services[name] = known.service(name) }
        services["intake"] = try known.intake()
        return HouseAddresses(
            services: services, operatorToken: try known.operatorToken(), databaseURL: try known.databaseURL(),
            brokerURL: try known.brokerURL())
    }

    /// The database alone, for commands that need nothing else.
    public static func databaseURL(environment: [String: String]) throws(UpFailure) -> String {
        try Known(environment: environment, folder: HouseFolder.current(environment: environment)).databaseURL()
    }

    /// Intake and the token alone, for commands that need nothing else.
    public static func intake(environment: [String: String]) throws(UpFailure) -> (address: String, token: String) {
        let known = try Known(environment: environment, folder: HouseFolder.current(environment: environment))
        return (try known.intake(), try known.operatorToken())
    }

    /// One service alone, for commands that need nothing else.
    public static func service(_ name: String, environment: [String: String]) throws(UpFailure) -> String {
        let known = try Known(environment: environment, folder: HouseFolder.current(environment: environment))
        return try known.need("HUIYIN_\(name.uppercased())_URL", known.service(name))
    }

    /// What the environment says, and what `up` wrote.
    private struct Known {
        let environment: [String: String]
        let folder: HouseFolder
        let settings: HouseSettings?
        /// The servers that `up` runs itself; none in a house on servers of one's own.
        let servers: HouseServers?

        init(environment: [String: String], folder: HouseFolder) throws(UpFailure) {
            self.environment = environment
            self.folder = folder
            settings = try HouseSettings.load(from: folder)
            servers = settings.flatMap { HouseServers.own(settings: $0, folder: folder) }
        }

        func service(_ name: String) -> String? {
            environment["HUIYIN_\(name.uppercased())_URL"] ?? settings?.ports[name].map { "http://127.0.0.1:\($0)" }
        }

        func intake() throws(UpFailure) -> String { try need("HUIYIN_INTAKE_URL", service("intake")) }
        func operatorToken() throws(UpFailure) -> String { try need("HUIYIN_OPERATOR_TOKEN", settings?.operatorToken) }
        func databaseURL() throws(UpFailure) -> String { try need("HUIYIN_DATABASE_URL", servers?.databaseURL) }
        func brokerURL() throws(UpFailure) -> String { try need("HUIYIN_BROKER_URL", servers?.brokerURL) }

        func need(_ variable: String, _ known: String?) throws(UpFailure) -> String {
            if let value = environment[variable], !value.isEmpty { return value }
            if let known, !known.isEmpty { return known }
            if settings != nil { throw UpFailure("The house in \(folder.home) runs on servers of its own: set \(variable) as for `up`.") }
            throw UpFailure("No house was started in \(folder.home) and \(variable) is not set: run `./huiyin up` first, or set it.")
        }
    }

    /// Shows nothing, because URLs hold passwords.
    public var description: String { "(addresses of the house)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
