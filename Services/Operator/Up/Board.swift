/// What the supervisor tells the other commands: how far it is and how each process does.
///
/// It is written to `.huiyin/run/board.json` whenever something changes.
struct Board: Codable, Sendable, Equatable {
    enum Phase: String, Codable, Sendable {
        case starting, ready, stopping, failed
    }

    struct Row: Codable, Sendable, Equatable {
        /// The process, such as `postgresql`, `routing` or `routing-2`.
        var name: String
        /// One word of `ChildState`.
        var state: String
        var pid: Int32?
        /// `127.0.0.1:port` once it is known.
        var address: String?
        var restarts: Int
    }

    var supervisor: ProcessIdentity
    var phase: Phase
    /// Why the phase is `failed`.
    var reason: String?
    /// Wanted replicas by service.
    var replicas: [String: Int]
    var rows: [Row]
    /// How many seconds stopping all of it may take.
    var stopLimit: Int?

    /// The board of the supervisor that runs now, or nil when none does.
    static func ofRunningHouse(in folder: HouseFolder) throws(UpFailure) -> Board? {
        guard let board = try PrivateFile.readNote(Board.self, from: folder.boardFile), board.supervisor.isAlive else { return nil }
        return board
    }
}

/// What another command asks of the supervisor, through `.huiyin/run/wish.json`.
struct Wish: Codable, Sendable, Equatable {
    /// Replicas by service; a service that is not named keeps what it has.
    var replicas: [String: Int]
}
