import ArgumentParser
import ServiceKit

/// The operator's tool.
public struct HuiyinCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "huiyin", abstract: "Huiyin (回音): every matter gets an echo, every case an outcome.", version: Version.current,
        groupedSubcommands: [
            CommandGroup(
                name: "The house", subcommands: [UpCommand.self, DownCommand.self, StatusCommand.self, LogsCommand.self, ScaleCommand.self]),
            CommandGroup(name: "Cases", subcommands: [ImportCommand.self, CaseCommand.self, LedgerCommand.self, ReceiptCommand.self]),
            CommandGroup(
                name: "Care",
                subcommands: [
                    CheckCommand.self, DeadCommand.self, ResendCommand.self, MigrateCommand.self, RebuildCommand.self, CountyCommand.self,
                    KeysCommand.self, SubscriptionCommand.self, NoticeCommand.self,
                    HealthCommand.self, BenchCommand.self,
                ]),
            CommandGroup(name: "People", subcommands: [TokenCommand.self, UnitCommand.self]),
            CommandGroup(name: "Clocks", subcommands: [CalendarCommand.self, ClockCommand.self, DeadlineCommand.self]),
            CommandGroup(name: "Topics and rules", subcommands: [TopicsCommand.self, RoutingCommand.self, HotCommand.self]),
        ])

    public init() {}
}
