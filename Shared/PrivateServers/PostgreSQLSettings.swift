import Glibc

/// The settings of a private PostgreSQL server: small, on loopback, durable, and silent about what it stores.
struct PostgreSQLSettings {
    let port: UInt16
    /// The folder of the socket; nil for none.
    let socketFolder: String?
    let isDurable: Bool
    /// Megabytes of files for the write-ahead log that are kept for what comes.
    let logRoom: Int

    /// `postgresql.conf`.
    var main: String {
        """
        # Written anew at each start: changes here are lost.
        listen_addresses = '127.0.0.1'
        port = \(port)
        unix_socket_directories = '\(socketFolder.map { "\"\($0)\"" } ?? "")'
        # Room for 30 processes of at most 8 connections each.
        max_connections = 250
        password_encryption = 'scram-sha-256'
        timezone = 'UTC'

        # One small machine, short transactions, a disk without moving parts.
        shared_buffers = '\(sharedBuffers)MB'
        jit = off
        random_page_cost = 1.1
        wal_compression = lz4
        default_toast_compression = lz4
        min_wal_size = '\(logRoom)MB'
        max_wal_size = '2GB'
        checkpoint_timeout = '15min'

        # A frozen or vanished client must not hold locks for long.
        client_connection_check_interval = '5s'
        tcp_keepalives_idle = 10
        tcp_keepalives_interval = 5
        tcp_keepalives_count = 3

        # Statements and details can quote what people wrote: neither is logged.
        log_timezone = 'UTC'
        log_checkpoints = off
        log_error_verbosity = terse
        log_min_error_statement = panic
        log_parameter_max_length_on_error = 0

        \(durability)
        """ + "\n"
    }

    /// Megabytes of pages that the server keeps at hand: an eighth of the machine's memory where the data is to stay, 1024 at most.
    private var sharedBuffers: Int {
        guard isDurable else { return 128 }
        return min(max(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / (8 << 20), 128), 1024)
    }

    private var durability: String {
        if isDurable {
            return """
                # What was committed survives a crash of the machine.
                fsync = on
                synchronous_commit = on
                full_page_writes = on
                """
        }
        // Memory segments as files inside of the directory, so that removing it leaves nothing behind.
        return """
            # Data that nobody will miss. A commit still reaches the kernel, so it survives a crash of the server, if not of the machine.
            fsync = off
            synchronous_commit = on
            full_page_writes = off
            dynamic_shared_memory_type = mmap
            """
    }

    /// `pg_hba.conf`: a password for everybody, from this machine only.
    var access: String {
        """
        # Written anew at each start: changes here are lost.
        local all all scram-sha-256
        host all all 127.0.0.1/32 scram-sha-256
        """ + "\n"
    }
}
