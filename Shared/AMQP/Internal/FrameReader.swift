import CRabbitMQ

/// Puts frames together to what the broker says; bytes are copied, so the library's buffers may be released after each frame.
struct FrameReader {
    /// What the broker sends on its own account.
    enum Incoming {
        case ack(tag: UInt64, multiple: Bool, confirmed: Bool)
        case returned(messageID: String, reason: String)
        case delivery(tag: UInt64, routingKey: String, body: [UInt8])
        case blocked(Bool)
    }

    /// A delivery or a returned message whose frames are still coming.
    private struct Partial {
        enum Kind {
            case delivery(UInt64, routingKey: String)
            case returned(String)
        }
        var kind: Kind
        var messageID = ""
        var body: [UInt8] = []
        /// How many bytes are still to come; nil before the header, which says how many there are.
        var missing: Int?
    }

    private var partial: Partial?

    /// Takes the next frame and gives what it completes, if anything.
    mutating func take(_ frame: amqp_frame_t) throws(AMQPError) -> Incoming? {
        switch Int32(frame.frame_type) {
        case Int32(AMQP_FRAME_METHOD): return try take(frame.payload.method)
        case Int32(AMQP_FRAME_HEADER):
            let size = frame.payload.properties.body_size
            partial?.missing = Int(clamping: size)
            if let properties = frame.payload.properties.decoded?.assumingMemoryBound(to: amqp_basic_properties_t.self),
                properties.pointee._flags & UInt32(AMQP_BASIC_MESSAGE_ID_FLAG) != 0
            {
                partial?.messageID = String(properties.pointee.message_id)
            }
            // The size is the peer's word: no more than a mebibyte is set aside before the bytes are there.
            partial?.body.reserveCapacity(Int(min(size, 1 << 20)))
        case Int32(AMQP_FRAME_BODY):
            let fragment = frame.payload.body_fragment
            partial?.body.append(contentsOf: UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len))
            partial?.missing? -= fragment.len
        default: return nil
        }
        guard let whole = partial, let missing = whole.missing, missing <= 0 else { return nil }
        partial = nil
        switch whole.kind {
        case .delivery(let tag, let routingKey): return .delivery(tag: tag, routingKey: routingKey, body: whole.body)
        case .returned(let reason): return .returned(messageID: whole.messageID, reason: reason)
        }
    }

    private mutating func take(_ method: amqp_method_t) throws(AMQPError) -> Incoming? {
        if let (code, reason) = Replies.closing(method) {
            let what = method.id == Replies.channelClose ? "channel" : "connection"
            throw AMQPError(.connectionLost, "RabbitMQ closed the \(what): \(code) \(reason)", replyCode: code)
        }
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case 0x003C_0050:  // basic.ack
            let ack = decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            return .ack(tag: ack.delivery_tag, multiple: ack.multiple != 0, confirmed: true)
        case 0x003C_0078:  // basic.nack
            let nack = decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            return .ack(tag: nack.delivery_tag, multiple: nack.multiple != 0, confirmed: false)
        case 0x003C_003C:  // basic.deliver
            let deliver = decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            partial = Partial(kind: .delivery(deliver.delivery_tag, routingKey: String(deliver.routing_key)))
        case 0x003C_0032:  // basic.return
            let returned = decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
            partial = Partial(kind: .returned("\(returned.reply_code) \(String(returned.reply_text))"))
        case 0x003C_001E:  // basic.cancel
            throw AMQPError(.connectionLost, "RabbitMQ ended the subscription: the queue was deleted or moved")
        case 0x000A_003C: return .blocked(true)  // connection.blocked
        case 0x000A_003D: return .blocked(false)  // connection.unblocked
        default: break
        }
        return nil
    }
}
