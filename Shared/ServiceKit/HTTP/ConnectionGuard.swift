import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends connections that the server should not keep: one whose request does not arrive in time, and one whose answer said
/// `Connection: close`.
///
/// A client that is refused while it still sends (413) would lose the answer if the socket were closed at once, because the
/// system resets a connection with unread bytes. So the sending half is closed after the answer, what still arrives is thrown
/// away up to `drainLimit` bytes, and then the rest is closed.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How many bytes of a refused body are still read.
    static let drainLimit = 4 << 20

    private let requestTimeout: TimeAmount
    private var isReading = false
    private var deadline: Scheduled<Void>?
    private var closesAfterAnswer = false
    private var isDraining = false
    private var drained = 0

    init(requestTimeout: TimeAmount) {
        self.requestTimeout = requestTimeout
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: requestTimeout) { channel.close(promise: nil) }
        case .body(let bytes) where isDraining:
            drained += bytes.readableBytes
            if drained > Self.drainLimit { context.close(promise: nil) }
            return
        case .body:
            break
        case .end:
            isReading = false
            deadline?.cancel()
            deadline = nil
            if isDraining {
                context.close(promise: nil)
                return
            }
        }
        context.fireChannelRead(data)
    }

    /// Nobody downstream asks for more of a body that is thrown away, so this asks.
    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if isDraining { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            closesAfterAnswer = head.headerFields[.connection]?.lowercased() == "close"
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end where closesAfterAnswer:
            context.writeAndFlush(data, promise: promise)
            if isReading {
                isDraining = true
                context.close(mode: .output, promise: nil)
                context.read()
            } else {
                context.close(promise: nil)
            }
        case .end:
            context.write(data, promise: promise)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }
}
