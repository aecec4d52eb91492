import TestSupport
import Testing

@testable import AMQP

extension FaultTests {
    /// Needs a node with certificates, which is the one that is harmed: so these run by turns with the faults.
    @Suite("An encrypted connection", .serialized, .timeLimit(.minutes(3)))
    struct EncryptionTests {
        private func configuration(host: String, authorities: String) async throws -> AMQPConfiguration {
            let plain = try await HarmedServer.configuration()
            return try AMQPConfiguration(
                url: "amqps://\(plain.user):\(plain.password)@\(host):\(try await HarmedServer.encryptedPort)/\(plain.virtualHost)"
                    + "?cacertfile=\(authorities)", connectionName: "test")
        }

        @Test("carries messages of all sizes both ways")
        func carries() async throws {
            let configuration = try await configuration(host: "localhost", authorities: try await HarmedServer.certificates.authorities)
            let topology = Clients.topology("t")
            let texts = [0, 1, 16_384, 131_064, 1 << 20].map { String(repeating: "x", count: $0) }

            let received = try await Clients.consuming(from: configuration, topology, "t") { consumer in
                try await Clients.publishing(to: configuration, topology) { publisher in
                    let results = try await publisher.publish(texts.map { Clients.message("t", $0) })
                    #expect(results.allSatisfy { $0 == .confirmed })
                }
                var received: [String] = []
                while received.count < texts.count { received += try await consumer.next(atMost: 5, gathering: .zero).texts }
                return received
            }

            #expect(received == texts)
        }

        @Test("is refused when a stranger signed the certificate")
        func stranger() async throws {
            let configuration = try await configuration(host: "localhost", authorities: try await HarmedServer.certificates.stranger)

            let error = #expect(throws: AMQPError.self) { try Topologies.declare(AMQPTopology(), on: configuration) }

            #expect(error?.code == .connectionFailed)
            #expect(error?.message.contains("signed by one in") == true)
        }

        @Test("is refused when the certificate names another host")
        func otherHost() async throws {
            let configuration = try await configuration(host: "127.0.0.1", authorities: try await HarmedServer.certificates.authorities)

            let error = #expect(throws: AMQPError.self) { try Topologies.declare(AMQPTopology(), on: configuration) }

            #expect(error?.message.contains("carries this host name") == true)
        }
    }
}
