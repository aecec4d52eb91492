import HTTPTypes
import Logging
import NIOCore
import NIOHTTPTypes

/// Ends connections that the server should not keep: one whose request does not arrive in time, one whose client does not take
/// its answer, and one whose answer said `Connection: close`.
///
/// Where bytes are no HTTP, it gives the framework's empty refusal the document that every error has.
///
/// A client that is refused while it still sends (413) would lose the answer if the socket were closed at once, because the
/// system resets a connection with unread bytes. So what still arrives is thrown away, up to `drainLimit` bytes, before the rest is
/// closed. Some clients even take an answer that comes while they send for a broken connection; so the answer waits for the
/// sender's end, but no longer than five seconds, and not for one who is silent.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How many bytes of a refused body are still read; in time, the request's own deadline bounds it.
    static let drainLimit = 32 << 20
    /// How long a refused sender is silent before it gets its answer.
    static let silence = TimeAmount.milliseconds(250)
    /// How often its silence is looked for before it gets its answer anyway.
    private static let patience = 20

    private let requestTimeout: TimeAmount
    private let logger: Logger
    private var isReading = false
    /// What arrives can no longer be told apart into requests.
    private var isBroken = false
    private var requestDeadline: Scheduled<Void>?
    private var answerDeadline: Scheduled<Void>?
    private var silenceCheck: Scheduled<Void>?
    private var closesAfterAnswer = false
    private var isAnswered = false
    /// The parts of an answer that waits for its client to have sent all; nil when none waits.
    private var held: [(part: NIOAny, promise: EventLoopPromise<Void>?)]?
    private var isDraining = false
    private var drained = 0
    private var hasRoom: Bool { drained <= Self.drainLimit }

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
                release(context)
                return
            }
        }
        context.fireChannelRead(data)
    }

    /// Behind a fault of the form, the decoder hands on what still arrives as errors.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        isBroken = true
        if held != nil { release(context) }
        if isDraining, case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes) = error {
            drain(bytes, context)
        } else {
            context.fireErrorCaught(error)
        }
    }

    /// Nobody downstream asks for more of a body that is thrown away, so this asks.
    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if isDraining, hasRoom { context.read() }
    }

    /// Behind the limit nothing is read, whoever asks: the client is stopped by its full window, and in the end by the deadline.
    func read(context: ChannelHandlerContext) {
        if !isDraining || hasRoom { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            closesAfterAnswer = head.headerFields[.connection]?.lowercased() == "close"
            if closesAfterAnswer, isReading, !isBroken {
                held = []
                isDraining = true
                releaseWhenSilent(context, Self.patience)
                context.read()
            }
            // Every refusal of ours is a document; the framework's own, for bytes that are no request, has no body.
            if head.status == .badRequest, head.headerFields[.contentType] == nil {
                let (head, body) = BrokenRequest.answer()
                put(wrapOutboundOut(.head(head)), promise, context)
                put(wrapOutboundOut(.body(body)), nil, context)
            } else {
                put(data, promise, context)
            }
        case .body:
            put(data, promise, context)
        case .end:
            isAnswered = closesAfterAnswer
            put(data, promise, context)
            if isAnswered, held == nil { finish(context) }
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
        cancel(&silenceCheck)
        for (_, promise) in held ?? [] { promise?.fail(ChannelError.alreadyClosed) }
        held = nil
    }

    private func put(_ part: NIOAny, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        if held == nil { context.write(part, promise: promise) } else { held?.append((part, promise)) }
    }

    /// Sends what was held.
    private func release(_ context: ChannelHandlerContext) {
        let parts = held ?? []
        held = nil
        for (part, promise) in parts { context.write(part, promise: promise) }
        context.flush()
        if isAnswered { finish(context) }
    }

    private func releaseWhenSilent(_ context: ChannelHandlerContext, _ patience: Int) {
        let before = drained
        silenceCheck = context.eventLoop.assumeIsolated().scheduleTask(in: Self.silence) { [self] in
            if drained > before, patience > 0 { releaseWhenSilent(context, patience - 1) } else { release(context) }
        }
    }

    /// Closes behind the last answer: at once when nothing more can arrive, else our half now and the rest with what is drained.
    private func finish(_ context: ChannelHandlerContext) {
        context.flush()
        guard isReading || isBroken else {
            context.close(promise: nil)
            return
        }
        isDraining = true
        // What is broken has no end, and may not even have had a beginning that set a deadline.
        if requestDeadline == nil { requestDeadline = closing(context, "a refused request did not end") }
        context.close(mode: .output, promise: nil)
        if hasRoom { context.read() }
    }

    private func drain(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        drained += bytes.readableBytes
        if !hasRoom, held != nil { release(context) }
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
