import CRabbitMQ
import Glibc

/// One connection of librabbitmq with its one channel; used by one thread only.
///
/// Connecting and declaring block that thread, which serves nothing else. `receive` never blocks. After any error the
/// link is of no more use and must be dropped.
final class Link {
    let descriptor: Int32
    private let state: amqp_connection_state_t
    private let channel: amqp_channel_t = 1
    /// What one body frame can carry: the agreed `frame_max` without the frame's own 8 bytes.
    private let framePayload: Int
    /// How long the system keeps trying to send to a peer that takes nothing.
    private let patience: Duration
    private var reader = FrameReader()

    /// Connects to the node whose turn it is, logs in and opens the channel.
    init(_ configuration: AMQPConfiguration, attempt: Int = 0) throws(AMQPError) {
        guard let state = amqp_new_connection() else {
            throw AMQPError(.connectionFailed, "there is no memory for a connection to RabbitMQ")
        }
        do throws(AMQPError) {
            let node = configuration.nodes[attempt % configuration.nodes.count]
            descriptor = try Dialing.open(state, node, configuration)
            try Dialing.logIn(state, node, configuration)
            amqp_channel_open(state, channel)
            try Replies.check(amqp_get_rpc_reply(state), .connectionFailed, "RabbitMQ opened no channel")
        } catch {
            amqp_destroy_connection(state)
            throw error
        }
        self.state = state
        patience = configuration.heartbeat * 2
        framePayload = max(1, Int(amqp_get_frame_max(state)) - 8)
        waitsForever = false
    }

    deinit { amqp_destroy_connection(state) }

    /// Whether a peer that takes no bytes is put up with: a broker that blocks publishers stops reading, and is not dead.
    var waitsForever: Bool {
        didSet { setPatience() }
    }

    /// Whether the socket has room for a third of its buffer, so that a message of usual size does not block the thread.
    var isWritable: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    /// Turns on publisher confirms; the next message has tag 1.
    func selectConfirms() throws(AMQPError) {
        amqp_confirm_select(state, channel)
        try check("publisher confirms are not to be had")
        setPatience()
    }

    /// Whether a durable exchange of this name exists (`exchange.declare` with `passive`); a missing one ends the channel.
    func hasExchange(_ name: String) throws(AMQPError) -> Bool {
        name.withAMQP { name in
            AMQPTopology.ExchangeKind.fanout.rawValue.withAMQP { kind in
                _ = amqp_exchange_declare(state, channel, name, kind, 1, 1, 0, 0, amqp_empty_table)
            }
        }
        do throws(AMQPError) {
            try check("the exchange \(name) cannot be looked for")
            return true
        } catch {
            if error.replyCode == 404 { return false }
            throw error
        }
    }

    /// Declares everything of `topology` that does not exist yet.
    func declare(_ topology: AMQPTopology) throws(AMQPError) {
        for exchange in topology.exchanges {
            exchange.name.withAMQP { name in
                exchange.kind.rawValue.withAMQP { kind in
                    _ = amqp_exchange_declare(state, channel, name, kind, 0, 1, 0, 0, amqp_empty_table)
                }
            }
            try check("the exchange \(exchange.name) exists in another form; delete it and start again")
        }
        for queue in topology.queues {
            let arguments = CTable([("x-queue-type", .text("quorum"))])
            queue.name.withAMQP { name in _ = amqp_queue_declare(state, channel, name, 0, 1, 0, 0, arguments.table) }
            try check("the queue \(queue.name) exists in another form; delete it when it is empty and start again")
            for binding in queue.bindings {
                queue.name.withAMQP { name in
                    binding.exchange.withAMQP { exchange in
                        binding.routingKey.withAMQP { key in
                            _ = amqp_queue_bind(state, channel, name, exchange, key, amqp_empty_table)
                        }
                    }
                }
                try check("the queue \(queue.name) could not be bound to \(binding.exchange)")
            }
        }
    }

    /// The messages ready and the consumers of a queue (`queue.declare` with `passive`); a missing one ends the channel.
    func figures(of queue: String) throws(AMQPError) -> (ready: Int, consumers: Int) {
        let answer = queue.withAMQP { name in amqp_queue_declare(state, channel, name, 1, 0, 0, 0, amqp_empty_table) }
        try check("the queue \(queue) cannot be looked at")
        guard let answer else { throw AMQPError(.connectionLost, "RabbitMQ did not answer when asked for the queue \(queue)") }
        return (Int(answer.pointee.message_count), Int(answer.pointee.consumer_count))
    }

    func consume(_ queue: String, prefetch: Int, tag: String) throws(AMQPError) {
        amqp_basic_qos(state, channel, 0, UInt16(clamping: max(1, prefetch)), 0)
        try check("the prefetch could not be set")
        queue.withAMQP { name in
            tag.withAMQP { tag in _ = amqp_basic_consume(state, channel, name, tag, 0, 0, 0, amqp_empty_table) }
        }
        try check("the queue \(queue) cannot be consumed")
        setPatience()
    }

    /// Acknowledges every delivery up to `tag`.
    func acknowledge(upTo tag: UInt64) throws(AMQPError) {
        try Replies.check(amqp_basic_ack(state, channel, tag, 1), "an acknowledgement could not be sent")
    }

    /// Writes one persistent message; `amqp_basic_publish` blocks while the socket's buffer is full.
    func publish(_ message: AMQPMessage, id: String) throws(AMQPError) {
        let headers = CTable(message.headers.map { ($0.key, .text($0.value)) })
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
                        return message.body.withUnsafeBytes { bytes in
                            // The library only reads the body; its type lacks the `const`.
                            let body = amqp_bytes_t(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                            return amqp_basic_publish(state, channel, exchange, key, message.mandatory ? 1 : 0, 0, &properties, body)
                        }
                    }
                }
            }
        }
        try Replies.check(status, "a message could not be sent")
        // librabbitmq sends every frame but a shorter last one with `MSG_MORE`, so a body of exactly k frames, or none,
        // would wait about 200 ms for a successor. Setting the option again makes Linux send what it holds back.
        if message.body.count % framePayload == 0 { Dialing.set(IPPROTO_TCP, TCP_NODELAY, 1, on: descriptor) }
    }

    /// Takes the next thing that has arrived, nil when nothing more has; sends heartbeats that are due and notices a dead peer.
    ///
    /// Call it until nil before waiting for the descriptor: the library and TLS hold bytes that the descriptor does not show.
    func receive() throws(AMQPError) -> FrameReader.Incoming? {
        while true {
            var frame = amqp_frame_t()
            var now = timeval(tv_sec: 0, tv_usec: 0)
            let status = amqp_simple_wait_frame_noblock(state, &frame, &now)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            try Replies.check(status, "the connection to RabbitMQ broke")
            let incoming = try reader.take(frame)
            amqp_maybe_release_buffers(state)
            if let incoming { return incoming }
        }
    }

    /// Says goodbye, so that the broker does not report a lost client; waits a second for its answer.
    func close() {
        guard isWritable else { return }
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        _ = amqp_set_rpc_timeout(state, &timeout)
        _ = amqp_connection_close(state, Int32(AMQP_REPLY_SUCCESS))
    }

    /// Cuts a send to a peer that takes nothing (`TCP_USER_TIMEOUT`, zero for never); heartbeats notice other deaths first.
    private func setPatience() {
        let (seconds, _) = patience.components
        Dialing.set(IPPROTO_TCP, TCP_USER_TIMEOUT, waitsForever ? 0 : Int32(clamping: seconds * 1000), on: descriptor)
    }

    private func check(_ sentence: String) throws(AMQPError) {
        try Replies.check(amqp_get_rpc_reply(state), .refused, sentence)
    }
}
