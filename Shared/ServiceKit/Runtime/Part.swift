public import ServiceLifecycle

/// One long-running part of a service: a pool, a consumer, a relay, a server.
///
/// Parts are listed in dependency order. A part is started when the part before it is ready, and stopped after the part
/// behind it has ended.
public struct Part: Sendable {
    /// A noun that appears in logs and in sentences about failures: `database`, `relay`, `http`.
    public let name: String
    let service: any Service
    let startLimit: Duration
    let ready: @Sendable () async throws -> Void
    let address: (@Sendable () async throws -> ListenAddress)?

    /// A part that is ready when `ready` returns, which it must within `startLimit`.
    ///
    /// `ready` runs beside the service's `run`.
    public init(
        _ name: String, _ service: any Service, startLimit: Duration = .seconds(60),
        ready: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.name = name
        self.service = service
        self.startLimit = startLimit
        self.ready = ready
        address = nil
    }

    /// The HTTP server: ready when it listens.
    ///
    /// Its address is announced and written to the ready file.
    public init(_ http: ServiceHTTP) {
        name = "http"
        service = http
        startLimit = .seconds(60)
        ready = { _ = try await http.listening() }
        address = { try await http.listening() }
    }
}
