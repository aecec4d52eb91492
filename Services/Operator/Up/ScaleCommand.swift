import ArgumentParser
import FoundationEssentials

/// `huiyin scale routing=4`: changes how many processes a service has while the house runs.
public struct ScaleCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Change how many processes a service has while the house runs.",
        discussion: "Every service may have any number of processes; the first keeps its address, further ones listen on free ports.")

    @Argument(help: "SERVICE=COUNT, one or more.")
    var counts: [String]

    public init() {}

    public func run() async throws {
        let folder = HouseFolder.current(environment: ProcessInfo.processInfo.environment)
        let console = Console()
        let wanted = try Replicas(parsing: counts)
        guard let board = try Board.ofRunningHouse(in: folder), board.phase == .ready else {
            throw UpFailure("Huiyin is not running, or not ready yet, in \(folder.home): start it with `./huiyin up`.")
        }
        try PrivateFile.writeJSON(Wish(replicas: wanted.counts), to: folder.wishFile)
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            guard let board = try Board.ofRunningHouse(in: folder) else { throw UpFailure("Huiyin stopped before the change was made.") }
            if Self.isFulfilled(wanted, by: board) {
                for (service, count) in wanted.counts.sorted(by: { $0.key < $1.key }) {
                    console.say("\(service) has \(count) \(count == 1 ? "process" : "processes").")
                }
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw UpFailure("The processes did not all become ready within 120 s: see `./huiyin status` and `./huiyin logs`.")
    }

    /// Whether exactly the wanted processes of the named services are there, and ready.
    static func isFulfilled(_ wanted: Replicas, by board: Board) -> Bool {
        wanted.counts.allSatisfy { service, count in
            let rows = board.rows.filter { $0.name == service || $0.name.hasPrefix("\(service)-") }
            return board.replicas[service] == count && rows.count == count && rows.allSatisfy { $0.state == "ready" }
        }
    }
}
