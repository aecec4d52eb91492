public import Logging

/// What the runtime has read and made before a service assembles its parts.
public struct RuntimeContext: Sendable {
    public let configuration: ServiceConfiguration
    public let logger: Logger
    /// The registry behind `/metrics`; in a running service it is also the process-wide backend of swift-metrics.
    public let metrics: MetricsRegistry

    public init(configuration: ServiceConfiguration, logger: Logger, metrics: MetricsRegistry) {
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
    }
}
