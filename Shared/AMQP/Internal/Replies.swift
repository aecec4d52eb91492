import CRabbitMQ

/// Turns what librabbitmq answers into errors.
enum Replies {
    static let channelClose: amqp_method_number_t = 0x0014_0028
    static let connectionClose: amqp_method_number_t = 0x000A_0032

    /// Throws unless a request was answered as expected; `sentence` says what did not come about.
    static func check(_ reply: amqp_rpc_reply_t, _ code: AMQPError.Code, _ sentence: String) throws(AMQPError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            let (number, why) = closing(reply.reply) ?? (0, "RabbitMQ refused without a reason")
            throw AMQPError(code, "\(sentence): \(why)", replyCode: number)
        default:
            // A library error means that the connection is gone, whatever was asked.
            throw AMQPError(.connectionFailed, "\(sentence): \(text(reply.library_error))")
        }
    }

    /// Throws unless a status is `AMQP_STATUS_OK`.
    static func check(_ status: Int32, _ sentence: String) throws(AMQPError) {
        if status != AMQP_STATUS_OK.rawValue { throw AMQPError(.connectionLost, "\(sentence): \(text(status))") }
    }

    /// What the broker gives as code and reason when it closes the channel or the connection; nil for any other method.
    static func closing(_ method: amqp_method_t) -> (code: Int, reason: String)? {
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case channelClose:
            let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            return (Int(close.reply_code), String(close.reply_text))
        case connectionClose:
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return (Int(close.reply_code), String(close.reply_text))
        default: return nil
        }
    }

    static func text(_ status: Int32) -> String { amqp_error_string2(status).map { String(cString: $0) } ?? "error \(status)" }
}
