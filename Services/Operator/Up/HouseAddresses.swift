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
        let settings = try HouseSettings.load(from: folder)
        let servers = try settings.map { settings throws(UpFailure) in
            try HouseServers(settings: settings, folder: folder, environment: [:])
        }
        func need(_ variable: String, _ known: String?) throws(UpFailure) -> String {
            if let value = environment[variable], !value.isEmpty { return value }
            if let known { return known }
            throw UpFailure("No house was started in \(folder.home) and \(variable) is not set: run `./huiyin up` first, or set it.")
        }
        var services: [String: String] = [:]
        for name in HouseSettings.services {
            let known = settings?.ports[name].map { "http://127.0.0.1:\($0)" }
            let variable = "HUIYIN_\(name.uppercased())_URL"
            services[name] = name == "intake" ? try need(variable, known) : environment[variable] ?? known
        }
        return HouseAddresses(
            services: services, operatorToken: try need("HUIYIN_OPERATOR_TOKEN", settings?.operatorToken),
            databaseURL: try need("HUIYIN_DATABASE_URL", servers?.databaseURL),
            brokerURL: try need("HUIYIN_BROKER_URL", servers?.brokerURL))
    }

    /// Shows nothing, because URLs hold passwords.
    public var description: String { "(addresses of the house)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
