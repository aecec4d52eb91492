import FoundationEssentials
import Glibc

/// A house that a supervisor, perhaps of another terminal, runs: found, described, waited for and stopped from outside.
struct RunningHouse: Sendable {
    let folder: HouseFolder
    let console: Console

    /// The supervisor, or nil when none runs.
    func supervisor() throws(UpFailure) -> ProcessIdentity? {
        guard let identity = try PrivateFile.readNote(ProcessIdentity.self, from: folder.supervisorFile), identity.isAlive else {
            return nil
        }
        return identity
    }

    func board() throws(UpFailure) -> Board? { try Board.ofRunningHouse(in: folder) }

    /// Says that the house already runs, and where; throws when it runs but is not well.
    func describe() async throws(UpFailure) {
        guard let board = try board() else {
            throw UpFailure("Another `up` is just beginning in \(folder.path): wait for it, or stop it with `./huiyin down`.")
        }
        console.say("Huiyin is already running (process \(board.supervisor.pid), \(board.phase.rawValue)).")
        for line in Console.table(board.rows.map { ["  \($0.name)", $0.state, $0.address ?? "-"] }) { console.say(line) }
        let ill = board.rows.filter { $0.state != "ready" }.map(\.name)
        guard board.phase != .ready || ill.isEmpty else {
            throw UpFailure("Not ready: \(ill.joined(separator: ", ")). See `./huiyin logs`.")
        }
    }

    /// Tells the supervisor to stop the house and waits until it is gone; false when none runs.
    func stop() async throws(UpFailure) -> Bool {
        guard let supervisor = try supervisor() else { return false }
        kill(supervisor.pid, SIGTERM)
        // The limits of all processes together, and a little more.
        guard await supervisor.isGone(within: .seconds(150)) else {
            throw UpFailure("The supervisor (process \(supervisor.pid)) does not end: see \(folder.logFolder), then end it with `kill -9`.")
        }
        return true
    }
}
