import FoundationEssentials
import Models
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceKit
import Synchronization

/// Departments' receivers of webhooks, on one port of loopback: those under `/d/` take every event at once, those under `/h/` never answer.
final class FeedReceiver: Sendable {
    /// An event as it arrived.
    struct Arrival: Sendable {
        /// When it was committed, by the database's clock.
        var time: Instant
        var delay: Duration
        /// By the steady clock.
        var arrived: ContinuousClock.Instant
        var bytes: Int
        /// The event's type; empty for what the floor posts.
        var type: String

        var milliseconds: Double { Double(delay.wholeMicroseconds) / 1000 }
    }

    private let channel: any NIOCore.Channel
    private let arrivals: Arrivals

    /// What has come.
    private final class Arrivals: Sendable {
        let kept = Mutex<[Arrival]>([])

        func take(_ body: ByteBuffer) {
            let now = SystemTime.now
            guard let event = try? JSONValue(parsing: Array(body.readableBytesView)), case .string(let text)? = event["time"],
                let time = Instant(text)
            else { return }
            let arrival = Arrival(
                time: time, delay: now - time, arrived: .now, bytes: body.readableBytes, type: event["type"]?.plain ?? "")
            kept.withLock { $0.append(arrival) }
        }
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var url: String { "http://127.0.0.1:\(port)" }
    var count: Int { arrivals.kept.withLock(\.count) }

    init() async throws {
        let arrivals = Arrivals()
        self.arrivals = arrivals
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering(arrivals))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Gives out what has come since the last time.
    func takeAll() -> [Arrival] {
        arrivals.kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }

    func close() async { try? await channel.close() }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let arrivals: Arrivals
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        init(_ arrivals: Arrivals) { self.arrivals = arrivals }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body.clear()
            case .body(var part): body.writeBuffer(&part)
            case .end:
                guard let head else { return }
                if head.method == .POST {
                    if head.uri.hasPrefix("/h/") { return }
                    arrivals.take(body)
                }
                var headers = HTTPHeaders([("Content-Length", "0")])
                if let origin = head.headers.first(name: "WebHook-Request-Origin") {
                    headers.add(name: "WebHook-Allowed-Origin", value: origin)
                    headers.add(name: "WebHook-Allowed-Rate", value: "*")
                }
                context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: headers))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
