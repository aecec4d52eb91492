import HTTPTypes
import Logging
import NIOCore
import NIOHTTPTypes

/// Ends connections that the server should not keep: one whose request does not arrive in time, one whose client does not take
/// its answer, and one whose answer said `Connection: close`.
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
    private let logger: Logger
    private var isReading = false
    private var requestDeadline: Scheduled<Void>?
    private var answerDeadline: Scheduled<Void>?
    private var closesAfterAnswer = false
    private var isDraining = false
    private var drained = 0

    init(requestTimeout: TimeAmount, logger: Logger) {
        self.requestTimeout = requestTimeout
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            requestDeadline = closing(context, "the request did not arrive in time")
        case .body(let bytes) where isDraining:
            drained += bytes.readableBytes
            if drained > Self.drainLimit { context.close(promise: nil) }
            return
        case .body:
            break
        case .end:
            isReading = false
            cancel(&requestDeadline)
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

    /// A channel is not writable while its client leaves more than a buffer of the answer unread.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        cancel(&answerDeadline)
        if !context.channel.isWritable { answerDeadline = closing(context, "the client did not take its answer") }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancel(&requestDeadline)
        cancel(&answerDeadline)
    }

    private func closing(_ context: ChannelHandlerContext, _ reason: String) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: requestTimeout) { [logger] in
            logger.debug("a slow connection was closed", metadata: .of([.reason: "\(reason)"]))
            channel.close(promise: nil)
        }
    }

    private func cancel(_ deadline: inout Scheduled<Void>?) {
        deadline?.cancel()
        deadline = nil
    }
}
