import Models
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// A department's receiver of the feed on loopback, which takes every event at once and remembers which came under which number.
final class FeedEar: Sendable {
    /// What was heard.
    struct Heard: Sendable {
        /// The event under each number.
        var events: [Int: String] = [:]
        /// The last sequence of each source for each subject, of what came for the first time.
        var sequences: [String: Int] = [:]
        var repeats = 0
        var complaints: [String] = []

        mutating func take(_ event: JSONValue) {
            func whole(_ name: String) -> Int { event[name]?.number ?? event[name]?.string.flatMap { Int($0) } ?? 0 }
            guard let id = event["id"]?.string, whole("position") > 0 else {
                // The test event of a new subscription has no number.
                return
            }
            let position = whole("position")
            if let known = events[position] {
                repeats += 1
                if known != id { complain("the feed has two events under number \(position): \(known) and \(id)") }
                return
            }
            events[position] = id
            let stream = "\(event["source"]?.string ?? "") \(event["subject"]?.string ?? "")"
            let sequence = whole("sequence")
            if sequence <= sequences[stream] ?? 0 {
                complain("the feed tells event \(sequence) of \(stream) after event \(sequences[stream] ?? 0)")
            }
            sequences[stream] = sequence
        }

        private mutating func complain(_ sentence: String) { if complaints.count < 20 { complaints.append(sentence) } }
    }

    private let channel: any NIOCore.Channel
    private let heard: NIOLockedValueBox<Heard>

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/events" }

    init() async throws {
        let heard = NIOLockedValueBox(Heard())
        self.heard = heard
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering(heard))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func close() async { try? await channel.close() }

    /// What is wrong with what was heard when `number` events were told; nothing when each came.
    func complaints(expecting number: Int) -> [String] {
        heard.withLockedValue { heard in
            let missing = (1...max(number, 1)).prefix(number).filter { heard.events[$0] == nil }
            return heard.complaints
                + (missing.isEmpty
                    ? [] : ["the feed told \(number) events and \(missing.count) never came, the first of them \(missing[0])"])
        }
    }

    /// The greatest number that was heard; 0 before the first.
    var latest: Int { heard.withLockedValue { $0.events.keys.max() ?? 0 } }

    var count: Int { heard.withLockedValue { $0.events.count } }
    var repeats: Int { heard.withLockedValue { $0.repeats } }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let heard: NIOLockedValueBox<Heard>
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        init(_ heard: NIOLockedValueBox<Heard>) { self.heard = heard }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body.clear()
            case .body(var part): body.writeBuffer(&part)
            case .end:
                guard let head else { return }
                if head.method == .POST, let found = try? JSONValue(parsing: Array(body.readableBytesView)) {
                    heard.withLockedValue { heard in for event in found.elements.isEmpty ? [found] : found.elements { heard.take(event) } }
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
