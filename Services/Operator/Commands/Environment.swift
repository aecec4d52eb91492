import FoundationEssentials

/// The environment of this process, and what of the house's addresses it alone can name.
enum Environment {
    static var current: [String: String] { ProcessInfo.processInfo.environment }

    /// The database as administrator: by the environment, else by what `up` wrote.
    static func databaseURL() throws -> String { try HouseAddresses.databaseURL(environment: current) }

    /// Where intake is, and with which token: by the environment, else by what `up` wrote.
    static func intake() throws -> (address: String, token: String) { try HouseAddresses.intake(environment: current) }
}
