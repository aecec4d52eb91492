import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
public import ServiceLifecycle

/// The HTTP server of a service: the standard routes, the service's own, and the habits that all share.
///
/// Every error becomes a problem document (RFC 9457), every answer carries its trace. Connections are kept alive; silent and
/// slow ones are closed; a stop lets requests in hand end and then closes the rest. A request that was answered with an error
/// of this layer changed nothing; a client that gets no answer at all must repeat it with the same idempotency key.
public struct ServiceHTTP: Service {
    /// The address that was asked for.
    public let requestedAddress: ListenAddress

    /// Every path and method that it answers.
    let routes: [ServiceRoute]

    private let responder: EdgeResponder
    private let options: HTTPOptions
    private let logger: Logger
    private let drain: DrainState
    private let bound = Latch<ListenAddress>()

    /// Prepares the server; it listens once it is run.
    ///
    /// - Parameters:
    ///   - context: what the runtime read and made.
    ///   - checks: what `/readyz` asks.
    ///   - openAPI: the service's OpenAPI document, which `/openapi.yaml` gives to everybody; nil for a service without one.
    ///   - translate: makes problems of the errors that the service's own modules throw; nil means the error is unexpected.
    ///   - routes: adds the service's routes; staff routes go into `staffGroup(_:)`.
    public init(
        _ context: RuntimeContext, checks: [ReadinessCheck] = [], openAPI: [UInt8]? = nil, options: HTTPOptions = HTTPOptions(),
        translate: @escaping @Sendable (any Error) -> Problem? = { _ in nil }, routes: (ServiceRouter) -> Void
    ) {
        let drain = DrainState()
        let router = ServiceRouter(
            translate: translate, operatorToken: context.configuration.operatorToken, staffKeys: context.configuration.staffKeys)
        StandardRoutes(
            service: context.configuration.service, registry: context.metrics, checks: checks,
            readinessTimeout: options.readinessTimeout, drain: drain, openAPI: openAPI
        ).add(to: router)
        routes(router)
        self.drain = drain
        self.options = options
        logger = context.logger
        requestedAddress = context.configuration.listen
        self.routes = router.routes
        responder = EdgeResponder(
            router: router.build(), metrics: RequestMetrics(factory: context.metrics), bodyLimit: options.bodyLimit, logger: context.logger)
    }

    /// Waits until the server listens; answers with the bound address, whose port is never 0.
    ///
    /// Throws when the task is cancelled.
    public func listening() async throws -> ListenAddress {
        try await bound.value()
    }

    /// Serves until the task is shut down gracefully.
    ///
    /// Throws `StartupFailure` when the address cannot be bound.
    public func run() async throws {
        let address = requestedAddress
        let bound = bound
        let requestTimeout = TimeAmount(options.requestTimeout)
        let logger = logger
        // The framework announces its address and its own lifecycle; the runtime says the same once, in its own words.
        var quietLogger = logger
        quietLogger.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: responder,
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [ConnectionGuard(requestTimeout: requestTimeout, logger: logger)],
                    idleTimeout: TimeAmount(options.idleTimeout))),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: .maximum(options.connectionLimit, logger: quietLogger)),
            onServerRunning: { channel in
                bound.open(
                    ListenAddress(host: channel.localAddress?.ipAddress ?? address.host, port: channel.localAddress?.port ?? address.port))
            },
            logger: quietLogger)
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: {
                drain.begin()
            }
        } catch let error as IOError where !bound.isOpen {
            throw StartupFailure(
                "HUIYIN_LISTEN: cannot listen on \(address) (\(systemMessage(error.errnoCode))): stop what uses the port or choose another address."
            )
        } catch let error where !bound.isOpen && !(error is CancellationError) {
            throw StartupFailure(
                "HUIYIN_LISTEN: cannot listen on \(address) (\(loggableDescription(of: error))): check the host name and the port.")
        }
    }
}

extension ServiceHTTP: CustomStringConvertible {
    public var description: String { "http" }
}
