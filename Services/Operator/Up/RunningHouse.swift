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

    /// Says that the house already runs, and where, once it has started; throws when it is not well or about to end.
    func describe() async throws(UpFailure) {
        let board = try await startedBoard()
        console.say("Huiyin is already running (process \(board.supervisor.pid), \(board.phase.rawValue)).")
        for line in Console.table(board.rows.map { ["  \($0.name)", $0.state, $0.address ?? "-"] }) { console.say(line) }
        switch board.phase {
        case .starting, .ready:
            let ill = board.rows.filter { $0.state != "ready" }.map(\.name)
            guard ill.isEmpty else { throw UpFailure("Not ready: \(ill.joined(separator: ", ")). See `./huiyin logs`.") }
        case .stopping: throw UpFailure("It is just stopping: run `up` again when it has.")
        case .failed: throw UpFailure("It failed (\(board.reason ?? "see `./huiyin logs`")) and is stopping: run `up` again when it has.")
        }
    }

    /// The board once it says something else than that the house starts.
    private func startedBoard() async throws(UpFailure) -> Board {
        var isTold = false
        let beginning = ContinuousClock.now + .seconds(2)
        while true {
            let board = try board()
            if let board, board.phase != .starting { return board }
            guard let supervisor = try supervisor() else {
                // Between its lock and its note lies a moment.
                if .now < beginning {
                    try? await Task.sleep(for: .milliseconds(50))
                    continue
                }
                throw UpFailure("Another `up` is just beginning or ending in \(folder.path): run this again in a moment.")
            }
            if !isTold { console.say("Huiyin is already starting (process \(supervisor.pid)); waiting until it is ready.") }
            isTold = true
            do { try await Task.sleep(for: .milliseconds(100)) } catch { throw UpFailure("The wait was broken off.") }
        }
    }

    /// Tells the supervisor to stop the house and waits until it is gone; false when none runs.
    func stop() async throws(UpFailure) -> Bool {
        guard let supervisor = try supervisor() else { return false }
        let limit = try board()?.stopLimit ?? 150
        kill(supervisor.pid, SIGTERM)
        guard await supervisor.isGone(within: .seconds(limit)) else {
            throw UpFailure("The supervisor (process \(supervisor.pid)) does not end: see \(folder.logFolder), then end it with `kill -9`.")
        }
        return true
    }
}
