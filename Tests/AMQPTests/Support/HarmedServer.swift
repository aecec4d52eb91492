import AMQP
import PrivateServers
import TestSupport

/// The one node that tests may harm, with a listener for TLS; each test leaves it as it found it.
enum HarmedServer {
    private static let starting = Task {
        let certificates = try await Certificates()
        let encryption = PrivateRabbitMQ.Encryption(
            port: try FreePort.find(), authorities: certificates.authorities, certificate: certificates.certificate,
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
}
