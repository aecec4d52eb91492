import ArgumentParser
import Models
import NIOHTTP1

/// Looks ahead at what deadline will do.
struct DeadlineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadline", abstract: "Look ahead at the clocks of all cases.", subcommands: [Show.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forecast", abstract: "Say what will fire in the days to come, unit by unit.")

        @Option(help: "How many days, 1 to 60.") var days = 7
        @Option(help: "One unit alone.") var unit: String?
        @Flag(help: "Print JSON, with up to 500 rungs one by one.") var json = false

        func run() async throws {
            let address = try ServiceDoor.address("deadline")
            let (_, token) = try Environment.intake()
            guard unit?.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) || (97...122).contains($0) }) != false else {
                throw CommandFailure("--unit is the code of a unit, such as education.")
            }
            try await IntakeClient.with(address: address, token: token) { deadline in
                let path = "/v1/forecast?days=\(days)" + (unit.map { "&unit=\($0)" } ?? "")
                let answer = try await deadline.need(.GET, path)
                if json { return print(answer.text) }
                for line in answer["units"]?.elements ?? [] {
                    print(
                        "\(line.shown("unit")): \(line.shown("due")) due, \(line.shown("warnings")) warnings, \(line.shown("late")) late rungs"
                    )
                }
                print("\(answer.shown("rungs")) rungs until \(answer.shown("until"))")
            }
        }
    }
}
