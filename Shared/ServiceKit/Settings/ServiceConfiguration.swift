import Logging

/// What every service is told from outside before it starts, read and checked once.
///
/// Settings that only one service has are read with `settings`, by the same rules and with the same sentences.
public struct ServiceConfiguration: Sendable {
    public let service: ServiceName
    /// The address of PostgreSQL with the service's own role.
    public let database: Secret
    /// The address of RabbitMQ.
    public let broker: Secret
    public let listen: ListenAddress
    public let logLevel: Logger.Level
    public let logFormat: LogFormat
    /// Nil closes every staff route, unless there are `staffKeys`.
    public let operatorToken: OperatorToken?
    /// Verifies staff tokens, or nil when there are none.
    public let staffKeys: StaffKeys?
    /// Where to write the bound address once the service is ready, or nil.
    public let readyFile: String?
    /// How long a graceful stop may take before what is left is cancelled.
    public let shutdownLimit: Duration
    /// Reads the settings that belong to one service only.
    public let settings: SettingsReader

    /// Reads everything that all services have in common; throws the first setting that is missing or wrong.
    public init(for service: ServiceName, from settings: SettingsReader = SettingsReader()) throws(ConfigurationError) {
        self.service = service
        self.settings = settings
        database = try settings.value(.databaseURL)
        broker = try settings.value(.brokerURL)
        listen = try settings.value(
            .listenAddress(
                "HUIYIN_LISTEN", meaning: "the host and port to listen on",
                default: ListenAddress(host: "127.0.0.1", port: service.defaultPort)))
        logLevel = try settings.value(.logLevel)
        logFormat = try settings.value(.logFormat)
        operatorToken = try settings.optional(.operatorToken)
        staffKeys = if let file = try settings.optional(.staffKeysFile) { try StaffKeys(file: file) } else { nil }
        readyFile = try settings.optional(.readyFile)
        shutdownLimit = try settings.value(.shutdownLimit)
    }
}
