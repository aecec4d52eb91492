import HTTPTypes
import Logging
import NIOCore
import NIOHTTPTypes

/// Ends connections that the server should not keep: one whose request does not arrive in time, one whose client does not take
/// its answer, and one whose answer said `Connection: close`. Where bytes are no HTTP, it gives the framework's empty refusal the
/// document that every error has.
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
    /// What arrives can no longer be told apart into requests.
    private var isBroken = false
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
            drain(bytes, context)
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

    /// Behind a fault of the form, the decoder hands on what still arrives as errors.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        isBroken = true
        if isDraining, case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes) = error {
            drain(bytes, context)
        } else {
            context.fireErrorCaught(error)
        }
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
            // Every refusal of ours is a document; the framework's own, for bytes that are no request, has no body.
            if head.status == .badRequest, head.headerFields[.contentType] == nil {
                let (head, body) = BrokenRequest.answer()
                context.write(wrapOutboundOut(.head(head)), promise: promise)
                context.write(wrapOutboundOut(.body(body)), promise: nil)
            } else {
                context.write(data, promise: promise)
            }
        case .body:
            context.write(data, promise: promise)
        case .end where closesAfterAnswer:
            context.writeAndFlush(data, promise: promise)
            if isReading || isBroken {
                isDraining = true
                // What is broken has no end, and may not even have had a beginning that set a deadline.
                if requestDeadline == nil { requestDeadline = closing(context, "a refused request did not end") }
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

    private func drain(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        drained += bytes.readableBytes
        if drained > Self.drainLimit { context.close(promise: nil) }
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
