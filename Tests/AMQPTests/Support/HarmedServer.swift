import AMQP
import PrivateServers
import TestSupport

/// The one node that tests may harm, with a listener for TLS; each test leaves it as it found it.
enum HarmedServer {
    private static let starting = Task {
        let certificates = try await Certificates()
        let encryption = PrivateRabbitMQ.Encryption(
            port: try LoopbackPort.choose(), authorities: certificates.authorities, certificate: certificates.certificate,
            key: certificates.key)
        return (try await RabbitServer(encryption: encryption), certificates, encryption.port)
    }

    static var node: RabbitServer { get async throws { try await starting.value.0 } }
    static var certificates: Certificates { get async throws { try await starting.value.1 } }
    static var encryptedPort: UInt16 { get async throws { try await starting.value.2 } }

    /// A new virtual host, reached by clients that notice a dead node soon.
    static func configuration() async throws -> AMQPConfiguration {
        try Clients.configuration(try await node.virtualHost()) {
            $0.heartbeat = .seconds(2)
            $0.connectTimeout = .seconds(2)
        }
    }

    /// Runs `body` while the node stands still, and lets it go on whatever happens.
    static func frozen<R>(_ body: () async throws -> R) async throws -> R {
        let node = try await node
        await node.freeze()
        let result: Result<R, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await node.thaw()
        return try result.get()
    }

    /// Runs `body` while the node calls its memory short, and takes that back whatever happens.
    static func shortOfMemory<R>(_ body: () async throws -> R) async throws -> R {
        let node = try await node
        let result: Result<R, any Error>
        do {
            try await node.control(["set_vm_memory_high_watermark", "0.000001"])
            result = .success(try await body())
        } catch { result = .failure(error) }
        try await node.control(["set_vm_memory_high_watermark", "0.4"])
        return try result.get()
    }

    /// Runs `body` while the node's application is stopped, and starts it again whatever happens.
    static func stopped<R>(_ body: () async throws -> R) async throws -> R {
        let node = try await node
        let result: Result<R, any Error>
        do {
            try await node.control(["stop_app"])
            result = .success(try await body())
        } catch { result = .failure(error) }
        try await node.control(["start_app"])
        return try result.get()
    }
}
