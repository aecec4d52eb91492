import NIOCore
import NIOPosix

/// A gateway on a free port of loopback that answers each request in one of a few ways.
final class GatewayStub: Sendable {
    enum Manner: Sendable {
        case answer(Int, headers: String = "", body: String = "")
        /// Says that a body follows, and sends none.
        case headOnly
        /// Sends the beginning of a body, and no more of it.
        case half(String)
        case silence
    }

    private let channel: any Channel

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/notices" }

    init(_ manner: Manner) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answering(manner)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func close() async throws { try await channel.close() }

    /// Answers as soon as a request's head and body have come.
    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let manner: Manner
        private var received = ""

        init(_ manner: Manner) { self.manner = manner }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            guard received.hasSuffix("}") else { return }
            received = ""
            switch manner {
            case .answer(let status, let headers, let body):
                reply(context, "HTTP/1.1 \(status) Said\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            case .half(let body): reply(context, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n\(body)")
            case .headOnly: reply(context, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            case .silence: break
            }
        }

        private func reply(_ context: ChannelHandlerContext, _ text: String) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}
