import CRabbitMQ
import Glibc

/// One connection of librabbitmq with its one channel; used by one thread only.
///
/// Connecting and declaring block that thread, which serves nothing else. `receive` never blocks.
final class Link {
    /// What the broker sends.
    enum Incoming {
        case ack(tag: UInt64, multiple: Bool, confirmed: Bool)
        case returned(messageID: String, reason: String)
        case delivery(tag: UInt64, body: [UInt8])
        case blocked(Bool)
    }

    private let state: amqp_connection_state_t
    private let frameMax: Int
    private static let channel: amqp_channel_t = 1
    /// A delivery or a returned message whose frames are still coming.
    private var partial: Partial?

    private struct Partial {
        enum Kind {
            case delivery(UInt64)
            case returned(String)
        }
        var kind: Kind
        var messageID = ""
        var body: [UInt8] = []
        var missing: Int?
    }

    /// Connects to `node`, logs in and opens the channel.
    init(_ configuration: AMQPConfiguration, node: AMQPConfiguration.Node) throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw AMQPError(.connectionFailed, "librabbitmq is out of memory") }
        self.state = state
        frameMax = 131_072
        var opened = false
        // A throwing initializer runs no deinit, so the connection is freed here.
        defer { if !opened { amqp_destroy_connection(state) } }
        let socket: OpaquePointer?
        if configuration.usesTLS {
            socket = amqp_ssl_socket_new(state)
            if let socket {
                amqp_ssl_socket_set_verify_peer(socket, 1)
                amqp_ssl_socket_set_verify_hostname(socket, 1)
                let file = configuration.authorities ?? "/etc/ssl/certs/ca-certificates.crt"
                if amqp_ssl_socket_set_cacert(socket, file) != 0 {
                    throw AMQPError(.connectionFailed, "the file of certificate authorities \(file) cannot be read")
                }
            }
        } else {
            socket = amqp_tcp_socket_new(state)
        }
        guard let socket else { throw AMQPError(.connectionFailed, "librabbitmq is out of memory") }
        var timeout = Self.timeval(configuration.connectTimeout)
        let status = amqp_socket_open_noblock(socket, node.host, Int32(node.port), &timeout)
        if status != AMQP_STATUS_OK.rawValue {
            throw AMQPError(.connectionFailed, "RabbitMQ at \(node.host):\(node.port) cannot be reached: \(Self.text(status))")
        }
        var userTimeout: Int32 = 15_000
        _ = setsockopt(amqp_get_sockfd(state), Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &userTimeout, socklen_t(MemoryLayout<Int32>.size))
        _ = amqp_set_handshake_timeout(state, &timeout)
        _ = amqp_set_rpc_timeout(state, &timeout)
        let capabilities = CTable([
            ("publisher_confirms", .boolean(true)), ("basic.nack", .boolean(true)), ("consumer_cancel_notify", .boolean(true)),
            ("connection.blocked", .boolean(true)), ("exchange_exchange_bindings", .boolean(true)),
        ])
        let properties = CTable([
            ("connection_name", .text(configuration.connectionName)), ("product", .text("huiyin")), ("capabilities", .table(capabilities)),
        ])
        let heartbeat = Int32(configuration.heartbeat.components.seconds)
        var table = properties.table
        let login = huiyin_login(
            state, configuration.virtualHost, Int32(frameMax), heartbeat, &table, configuration.user, configuration.password)
        try Self.check(login, state, .connectionFailed, "RabbitMQ at \(node.host):\(node.port) does not let us in")
        amqp_channel_open(state, Self.channel)
        try Self.check(amqp_get_rpc_reply(state), state, .connectionFailed, "a channel could not be opened")
        opened = true
    }

    deinit { amqp_destroy_connection(state) }

    var descriptor: Int32 { amqp_get_sockfd(state) }

    func selectConfirms() throws(AMQPError) {
        amqp_confirm_select(state, Self.channel)
        try check("publisher confirms are not to be had")
    }

    func declare(_ topology: AMQPTopology) throws(AMQPError) {
        for exchange in topology.exchanges {
            exchange.name.withAMQP { name in
                exchange.kind.rawValue.withAMQP { kind in
                    _ = amqp_exchange_declare(state, Self.channel, name, kind, 0, 1, 0, 0, amqp_empty_table)
                }
            }
            try check("the exchange \(exchange.name) exists in another form; delete it and start again")
        }
        for queue in topology.queues {
            let arguments = CTable([("x-queue-type", .text("quorum"))])
            queue.name.withAMQP { name in _ = amqp_queue_declare(state, Self.channel, name, 0, 1, 0, 0, arguments.table) }
            try check("the queue \(queue.name) exists in another form; delete it when it is empty and start again")
            for binding in queue.bindings {
                queue.name.withAMQP { name in
                    binding.exchange.withAMQP { exchange in
                        binding.routingKey.withAMQP { key in
                            _ = amqp_queue_bind(state, Self.channel, name, exchange, key, amqp_empty_table)
                        }
                    }
                }
                try check("the queue \(queue.name) could not be bound to \(binding.exchange)")
            }
        }
    }

    /// The number of messages that are ready in a queue; nil when there is no such queue, which ends the channel.
    func depth(of queue: String) -> Int? {
        let answer = queue.withAMQP { name in amqp_queue_declare(state, Self.channel, name, 1, 0, 0, 0, amqp_empty_table) }
        return answer.map { Int($0.pointee.message_count) }
    }

    func consume(_ queue: String, prefetch: Int, tag: String) throws(AMQPError) {
        amqp_basic_qos(state, Self.channel, 0, UInt16(clamping: prefetch), 0)
        try check("the prefetch could not be set")
        queue.withAMQP { name in
            tag.withAMQP { tag in _ = amqp_basic_consume(state, Self.channel, name, tag, 0, 0, 0, amqp_empty_table) }
        }
        try check("the queue \(queue) cannot be consumed")
    }

    func acknowledge(upTo tag: UInt64) throws(AMQPError) {
        let status = amqp_basic_ack(state, Self.channel, tag, 1)
        if status != AMQP_STATUS_OK.rawValue {
            throw AMQPError(.connectionLost, "an acknowledgement could not be sent: \(Self.text(status))")
        }
    }

    /// Writes one persistent message; `amqp_basic_publish` may block while the socket's buffer is full.
    func publish(_ message: AMQPMessage, id: String) throws(AMQPError) {
        let headers = CTable(message.headers.map { ($0.key, .text($0.value)) })
        var body = message.body
        // librabbitmq delays the last frame by 200 ms when the body fills its frames exactly; white space after JSON means nothing.
        if !body.isEmpty, body.count % (frameMax - 8) == 0, message.contentType.contains("json") { body.append(UInt8(ascii: " ")) }
        let status = message.exchange.withAMQP { exchange in
            message.routingKey.withAMQP { key in
                message.contentType.withAMQP { type in
                    id.withAMQP { id in
                        var properties = amqp_basic_properties_t()
                        properties._flags =
                            UInt32(AMQP_BASIC_CONTENT_TYPE_FLAG) | UInt32(AMQP_BASIC_DELIVERY_MODE_FLAG)
                            | UInt32(AMQP_BASIC_MESSAGE_ID_FLAG)
                            | (message.headers.isEmpty ? 0 : UInt32(AMQP_BASIC_HEADERS_FLAG))
                        properties.content_type = type
                        properties.delivery_mode = 2
                        properties.message_id = id
                        properties.headers = headers.table
                        return body.withUnsafeMutableBytes { bytes in
                            amqp_basic_publish(
                                state, Self.channel, exchange, key, message.mandatory ? 1 : 0, 0, &properties,
                                amqp_bytes_t(len: bytes.count, bytes: bytes.baseAddress))
                        }
                    }
                }
            }
        }
        if status != AMQP_STATUS_OK.rawValue { throw AMQPError(.connectionLost, "a message could not be sent: \(Self.text(status))") }
    }

    /// Takes the next thing that has arrived, nil when nothing more has, and sends heartbeats that are due.
    func receive() throws(AMQPError) -> Incoming? {
        while true {
            var frame = amqp_frame_t()
            var now = Glibc.timeval(tv_sec: 0, tv_usec: 0)
            let status = amqp_simple_wait_frame_noblock(state, &frame, &now)
            if status == AMQP_STATUS_TIMEOUT.rawValue {
                amqp_maybe_release_buffers(state)
                return nil
            }
            if status != AMQP_STATUS_OK.rawValue {
                throw AMQPError(.connectionLost, "the connection to RabbitMQ broke: \(Self.text(status))")
            }
            if let incoming = try take(frame) {
                amqp_maybe_release_buffers(state)
                return incoming
            }
        }
    }

    /// Says goodbye and closes.
    func close() {
        var timeout = Glibc.timeval(tv_sec: 1, tv_usec: 0)
        _ = amqp_set_rpc_timeout(state, &timeout)
        _ = amqp_connection_close(state, 200)
    }

    private func take(_ frame: amqp_frame_t) throws(AMQPError) -> Incoming? {
        switch Int32(frame.frame_type) {
        case Int32(AMQP_FRAME_METHOD): return try take(frame.payload.method)
        case Int32(AMQP_FRAME_HEADER):
            partial?.missing = Int(frame.payload.properties.body_size)
            if let properties = frame.payload.properties.decoded?.assumingMemoryBound(to: amqp_basic_properties_t.self),
                properties.pointee._flags & UInt32(AMQP_BASIC_MESSAGE_ID_FLAG) != 0
            {
                partial?.messageID = String(properties.pointee.message_id)
            }
            partial?.body.reserveCapacity(Int(frame.payload.properties.body_size))
        case Int32(AMQP_FRAME_BODY):
            let fragment = frame.payload.body_fragment
            partial?.body.append(contentsOf: UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len))
            partial?.missing? -= fragment.len
        default: return nil
        }
        guard let whole = partial, whole.missing == 0 else { return nil }
        partial = nil
        switch whole.kind {
        case .delivery(let tag): return .delivery(tag: tag, body: whole.body)
        case .returned(let reason): return .returned(messageID: whole.messageID, reason: reason)
        }
    }

    private func take(_ method: amqp_method_t) throws(AMQPError) -> Incoming? {
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case 0x003C_0050:  // basic.ack
            let ack = decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            return .ack(tag: ack.delivery_tag, multiple: ack.multiple != 0, confirmed: true)
        case 0x003C_0078:  // basic.nack
            let nack = decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            return .ack(tag: nack.delivery_tag, multiple: nack.multiple != 0, confirmed: false)
        case 0x003C_003C:  // basic.deliver
            partial = Partial(kind: .delivery(decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee.delivery_tag))
        case 0x003C_0032:  // basic.return
            let returned = decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
            partial = Partial(kind: .returned("\(returned.reply_code) \(String(returned.reply_text))"))
        case 0x003C_001E:  // basic.cancel
            throw AMQPError(.connectionLost, "RabbitMQ ended the subscription: the queue was deleted or moved")
        case 0x000A_003C: return .blocked(true)  // connection.blocked
        case 0x000A_003D: return .blocked(false)  // connection.unblocked
        case 0x0014_0028:  // channel.close
            let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            throw AMQPError(.connectionLost, "RabbitMQ closed the channel: \(close.reply_code) \(String(close.reply_text))")
        case 0x000A_0032:  // connection.close
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            throw AMQPError(.connectionLost, "RabbitMQ closed the connection: \(close.reply_code) \(String(close.reply_text))")
        default: break
        }
        return nil
    }
}

extension Link {
    private func check(_ sentence: String) throws(AMQPError) {
        try Self.check(amqp_get_rpc_reply(state), state, .refused, sentence)
    }

    private static func check(
        _ reply: amqp_rpc_reply_t, _ state: amqp_connection_state_t, _ code: AMQPError.Code, _ sentence: String
    ) throws(AMQPError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            var why = "RabbitMQ refused"
            if reply.reply.id == 0x0014_0028, let decoded = reply.reply.decoded {
                why = String(decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee.reply_text)
            } else if reply.reply.id == 0x000A_0032, let decoded = reply.reply.decoded {
                why = String(decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee.reply_text)
            }
            throw AMQPError(code, "\(sentence): \(why)")
        default:
            // A library error means that the connection is gone, whatever was asked.
            throw AMQPError(.connectionFailed, "\(sentence): \(text(reply.library_error))")
        }
    }

    private static func text(_ status: Int32) -> String { amqp_error_string2(status).map { String(cString: $0) } ?? "error \(status)" }

    private static func timeval(_ duration: Duration) -> Glibc.timeval {
        let (seconds, attoseconds) = duration.components
        return Glibc.timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
