import CRabbitMQ
import Glibc

/// Reaches a node and logs in.
enum Dialing {
    /// Opens the socket, encrypted if configured, and sets its options; blocks for the connect timeout at most.
    static func open(
        _ state: amqp_connection_state_t, _ node: AMQPConfiguration.Node, _ configuration: AMQPConfiguration
    ) throws(AMQPError) -> Int32 {
        let socket = configuration.usesTLS ? try encrypted(state, configuration) : amqp_tcp_socket_new(state)
        guard let socket else { throw AMQPError(.connectionFailed, "there is no memory for a connection to RabbitMQ") }
        var timeout = timeval(configuration.connectTimeout)
        _ = amqp_set_handshake_timeout(state, &timeout)
        _ = amqp_set_rpc_timeout(state, &timeout)
        let status = amqp_socket_open_noblock(socket, node.host, Int32(node.port), &timeout)
        if status != AMQP_STATUS_OK.rawValue {
            let why = "\(Replies.text(status)). \(advice(status, configuration))"
            throw AMQPError(.connectionFailed, "RabbitMQ at \(node) cannot be reached: \(why)")
        }
        let descriptor = amqp_get_sockfd(state)
        set(IPPROTO_TCP, TCP_NODELAY, 1, on: descriptor)
        // Fixed, so that what counts as room in the socket is at least 64 KiB: a message of usual size then never blocks.
        set(SOL_SOCKET, SO_SNDBUF, 212_992, on: descriptor)
        return descriptor
    }

    /// Logs in and announces what this client understands; RabbitMQ keeps its news of blocked connections, cancelled
    /// consumers and refused messages from a client that does not.
    static func logIn(
        _ state: amqp_connection_state_t, _ node: AMQPConfiguration.Node, _ configuration: AMQPConfiguration
    ) throws(AMQPError) {
        let capabilities = CTable(
            ["publisher_confirms", "basic.nack", "consumer_cancel_notify", "connection.blocked", "authentication_failure_close"]
                .map { ($0, .boolean(true)) })
        let properties = CTable([
            ("connection_name", .text(configuration.connectionName)), ("product", .text("huiyin")), ("capabilities", .table(capabilities)),
        ])
        var table = properties.table
        let heartbeat = Int32(clamping: max(1, configuration.heartbeat.components.seconds))
        let reply = withExtendedLifetime((capabilities, properties)) {
            huiyin_login(state, configuration.virtualHost, 131_072, heartbeat, &table, configuration.user, configuration.password)
        }
        try Replies.check(
            reply, .connectionFailed,
            "RabbitMQ at \(node) does not let the user \(configuration.user) into the virtual host \(configuration.virtualHost)")
    }

    /// Sets a socket option; one that the system lacks is left as it is.
    static func set(_ level: some BinaryInteger, _ option: some BinaryInteger, _ value: Int32, on descriptor: Int32) {
        var value = value
        _ = setsockopt(descriptor, Int32(level), Int32(option), &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func encrypted(
        _ state: amqp_connection_state_t, _ configuration: AMQPConfiguration
    ) throws(AMQPError) -> OpaquePointer? {
        guard let socket = amqp_ssl_socket_new(state) else { return nil }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        let file = authorities(configuration)
        if amqp_ssl_socket_set_cacert(socket, file) != AMQP_STATUS_OK.rawValue {
            throw AMQPError(
                .connectionFailed, "the certificate authorities in \(file) cannot be read: name a PEM file that this user may read")
        }
        return socket
    }

    private static func authorities(_ configuration: AMQPConfiguration) -> String {
        configuration.authorities ?? "/etc/ssl/certs/ca-certificates.crt"
    }

    private static func advice(_ status: Int32, _ configuration: AMQPConfiguration) -> String {
        switch status {
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue,
            AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue:
            "See that its certificate carries this host name and is signed by one in \(authorities(configuration))"
        default: "See that RabbitMQ runs there and listens on this port"
        }
    }
}

extension timeval {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
