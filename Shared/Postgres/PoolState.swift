/// The bookkeeping of a pool as a pure value: who may use which connection, and who waits.
///
/// At most `limit` places exist. A place is taken from `acquire` until `release`, also while its connection is being
/// opened. Whoever waits is served in the order of arrival.
struct PoolState<Connection> {
    enum Acquired {
        case use(Connection)
        /// A place was taken: open a connection for it, and release it also when that fails.
        case open
        /// Every place is taken: enqueue a ticket.
        case wait
    }

    enum Released {
        /// Hand the connection, which may be broken, to the holder of the ticket: the place is theirs.
        case hand(Connection, ticket: UInt64)
        case kept
    }

    private let limit: Int
    private(set) var taken = 0
    private var idle: [Connection] = []
    private var tickets: [UInt64] = []

    init(limit: Int) { self.limit = max(1, limit) }

    /// Whether no place is taken and no connection idle.
    var isEmpty: Bool { taken == 0 && idle.isEmpty }

    mutating func acquire() -> Acquired {
        if let connection = idle.popLast() {
            taken += 1
            return .use(connection)
        }
        guard taken < limit else { return .wait }
        taken += 1
        return .open
    }

    mutating func enqueue(_ ticket: UInt64) { tickets.append(ticket) }

    mutating func forget(_ ticket: UInt64) { tickets.removeAll { $0 == ticket } }

    mutating func release(_ connection: Connection, isUsable: Bool) -> Released {
        precondition(taken > 0, "a connection was released that nobody had acquired: the pool would count wrong from here on")
        if !tickets.isEmpty { return .hand(connection, ticket: tickets.removeFirst()) }
        taken -= 1
        if isUsable { idle.append(connection) }
        return .kept
    }

    /// Takes the idle connections out.
    mutating func drain() -> [Connection] {
        defer { idle = [] }
        return idle
    }
}
