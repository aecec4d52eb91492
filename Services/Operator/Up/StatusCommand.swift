import ArgumentParser
import FoundationEssentials

/// `huiyin status`: how each process does and what each service has in hand.
public struct StatusCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show each process and what each service has in hand.",
        discussion:
            "Ends with exit code 1 when a process is not ready or does not answer, a count cannot be read, or a dead letter waits for somebody."
    )

    public init() {}

    public func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = HouseFolder.current(environment: environment)
        let console = Console()
        guard let board = try Board.ofRunningHouse(in: folder) else {
            throw UpFailure("Huiyin is not running in \(folder.home): start it with `./huiyin up`.")
        }
        let report = await StatusReport.make(board: board) {
            let addresses = try HouseAddresses.find(environment: environment)
            return try await UpHooks.required().statusRows(addresses)
        }
        for line in report.lines { console.say(line) }
        if !report.isWell { throw ExitCode.failure }
    }
}
