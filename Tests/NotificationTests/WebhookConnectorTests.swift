import NIOCore
import NIOPosix
import Testing

@testable import Notification

@Suite("Connections for webhooks", .timeLimit(.minutes(2)))
struct WebhookConnectorTests {
    /// Answers requests for `/d` and never any other.
    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard String(buffer: unwrapInboundIn(data)).hasPrefix("POST /d ") else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 204 No Content\r\n\r\n")), promise: nil)
        }
    }

    @Test("of a department that hangs take none from others behind the same host")
    func sharedHost() async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: 512)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answering()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(NetworkAddress("127.0.0.1"))
        let connector = HTTPConnector()
        @Sendable func post(_ path: String, within limit: Duration) async throws -> Int {
            let target = try WebhookTarget("http://127.0.0.1:\(channel.localAddress?.port ?? 0)\(path)")
            return try await connector.send(
                WebhookRequest(method: .post, target: target, headers: [], body: [123, 125]), to: address, within: limit
            ).status
        }

        let status = try await withThrowingTaskGroup(of: Int?.self) { group in
            // More than any pool of connections holds by default.
            for _ in 0..<200 { group.addTask { try? await post("/h", within: .seconds(60)) } }
            group.addTask {
                // Behind all of those.
                await Task.yield()
                return try await post("/d", within: .seconds(20))
            }
            defer { group.cancelAll() }
            while let status = try await group.next() { if let status { return status } }
            return 0
        }

        #expect(status == 204)
        await connector.close()
        try await channel.close()
    }
}
