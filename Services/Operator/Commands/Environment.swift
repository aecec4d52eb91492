import FoundationEssentials

/// The environment of this process, and what of the house's addresses it alone can name.
enum Environment {
    static var current: [String: String] { ProcessInfo.processInfo.environment }

    /// The database as administrator: by the environment, else by what `up` wrote.
    static func databaseURL() throws -> String {
        if let url = current["HUIYIN_DATABASE_URL"], !url.isEmpty { return url }
        return try HouseAddresses.find(environment: current).databaseURL
    }

    /// Where intake is, and with which token: by the environment, else by what `up` wrote.
    static func intake() throws -> (address: String, token: String) {
        if let address = current["HUIYIN_INTAKE_URL"], !address.isEmpty, let token = current["HUIYIN_OPERATOR_TOKEN"], !token.isEmpty {
            return (address, token)
        }
        let house = try HouseAddresses.find(environment: current)
        return (house.services["intake"] ?? "", house.operatorToken)
    }
}
