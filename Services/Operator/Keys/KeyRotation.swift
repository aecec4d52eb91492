import FoundationEssentials
import Glibc
import Models

/// Gives a running house a new seal key, step by step; each step is kept in the house's settings, so that a rotation that was cut off
/// goes on where it was.
///
/// No process may meet a text that it cannot open. So first every process that opens texts learns the new key, and only when all have it
/// does any of them seal with it: each is restarted twice, one after another.
struct KeyRotation {
    private static let services = ["intake", "notification"]

    let folder: HouseFolder
    let console: Console

    /// Makes the new key, unless a rotation is under way, and brings it into force.
    func run() async throws {
        var settings = try current()
        // A rotation that was cut off after the new key had come into force may have left processes that seal with the one before.
        if settings.isResealing != true {
            if settings.nextSealKey == nil {
                settings.nextSealKey = SecretText.key()
                try settings.save(to: folder)
            }
            try await restart("can open what the new key seals")
            settings = try current()
            settings.promoteNextSealKey()
            try settings.save(to: folder)
        }
        try await restart("seals with the new key")
    }

    /// Puts on record that nothing is left under a former key.
    func finish() throws {
        var settings = try current()
        settings.isResealing = nil
        try settings.save(to: folder)
    }

    func current() throws -> HouseSettings {
        guard let settings = try HouseSettings.load(from: folder) else {
            throw UpFailure("There is no house in \(folder.path): on servers of your own follow docs/OPERATIONS.md, \"A new seal key\".")
        }
        return settings
    }

    /// Ends each process of the services that hold the keys, one after another; the supervisor launches it again with the keys of now.
    private func restart(_ what: String) async throws {
        for name in try board().rows.map(\.name) where Self.services.contains(where: { name == $0 || name.hasPrefix("\($0)-") }) {
            let pid = try await awaitProcess(name)
            kill(pid, SIGTERM)
            try await awaitReady(name, otherThan: pid)
            console.say("\(name) \(what).")
        }
    }

    /// The process of a service; one that is being launched again is waited for.
    private func awaitProcess(_ name: String) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let pid = try board().rows.first(where: { $0.name == name })?.pid { return pid }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw UpFailure("\(name) does not run; see `./huiyin status`, then run this again.")
    }

    private func awaitReady(_ name: String, otherThan pid: Int32) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if let row = try board().rows.first(where: { $0.name == name }), row.state == "ready", let now = row.pid, now != pid { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw UpFailure("\(name) did not become ready again within 120 s: see `./huiyin logs \(name)`, then run this again.")
    }

    private func board() throws -> Board {
        guard let board = try Board.ofRunningHouse(in: folder), board.phase == .ready else {
            throw UpFailure("Huiyin is not running, or not ready yet, in \(folder.home): start it with `./huiyin up`, then run this again.")
        }
        return board
    }
}
