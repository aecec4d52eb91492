import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import Notification

/// A receiver behind TLS on loopback, with a certificate of a private authority.
private final class SecureReceiver: Sendable {
    private let channel: any Channel
    let port: Int

    init(_ certificates: Certificates) async throws {
        let chain = try NIOSSLCertificate.fromPEMFile(certificates.certificate).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: certificates.key, format: .pem)
        let context = try NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.addHandler(Answering())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func close() async throws { try await channel.close() }

    /// Answers 204 to whatever ends its head.
    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard String(buffer: unwrapInboundIn(data)).contains("\r\n\r\n") else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 204 No Content\r\n\r\n")), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

@Suite("Webhooks over TLS", .timeLimit(.minutes(2)))
struct WebhookTLSTests {
    /// Posts to a receiver under `host`, with the trust in `authorities`; says with which status it answered.
    private func post(_ receiver: SecureReceiver, host: String, trusting authorities: String?) async throws -> Int {
        let connector = HTTPConnector(authorities: authorities)
        let target = try WebhookTarget("https://\(host):\(receiver.port)/events")
        let request = WebhookRequest(method: .post, target: target, headers: [.init("content-type", "application/json")], body: [123, 125])
        let address = try #require(NetworkAddress("127.0.0.1"))
        do {
            let reply = try await connector.send(request, to: address, within: .seconds(10))
            await connector.close()
            return reply.status
        } catch {
            await connector.close()
            throw error
        }
    }

    @Test("go to a host whose certificate a named authority has signed, and to no other")
    func authorities() async throws {
        let certificates = try await Certificates()
        let receiver = try await SecureReceiver(certificates)

        #expect(try await post(receiver, host: "localhost", trusting: certificates.authorities) == 204)
        await #expect(throws: (any Error).self) { try await post(receiver, host: "localhost", trusting: certificates.stranger) }
        await #expect(throws: (any Error).self) { try await post(receiver, host: "localhost", trusting: nil) }
        // The connection goes to the checked address, and the certificate must be for the name that was asked for.
        await #expect(throws: (any Error).self) {
            try await post(receiver, host: "office.county.example", trusting: certificates.authorities)
        }
        try await receiver.close()
    }
}
