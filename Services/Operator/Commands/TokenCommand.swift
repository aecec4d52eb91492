import ArgumentParser
import Models
import ServiceKit

/// Issues the tokens that staff act by, and keeps the keys they are signed with.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Issue the tokens that staff act by.", subcommands: [Issue.self, Keys.self],
        defaultSubcommand: nil)

    /// Where the keys lie.
    struct KeyOptions: ParsableArguments {
        @Option(help: ArgumentHelp("The folder of the keys; that of the house when it is left out.", valueName: "folder")) var keys: String?

        var folder: StaffKeyFolder {
            StaffKeyFolder(path: keys ?? HouseFolder.current(environment: Environment.current).staffFolder)
        }
    }

    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a token by which a person acts for a unit in a role.",
            discussion: "Whoever has the token can act by it until it expires: hand it over safely, and keep it out of letters and logs.")

        @Option(help: "The staff number: a-z, 0-9 and hyphens; never a name.") var person: String
        @Option(help: "The role: clerk, dispatcher, officer, unit-head, supervisor, leader, auditor, administrator or subscriber.")
        var role: String
        @Option(help: "The code of the unit that the person acts for.") var unit: String
        @Option(help: "For how many days it is valid.") var days: Int?
        @Option(help: "For how many hours it is valid, in place of days.") var hours: Int?
        @OptionGroup var options: KeyOptions

        func run() async throws {
            guard let role = Role(rawValue: role), role != .petitioner else {
                throw CommandFailure("There is no staff role \"\(role.shown)\": see `huiyin token issue --help`.")
            }
            if let fault = PersonCode.fault(in: person) { throw CommandFailure("--person: \(fault).") }
            if let fault = UnitCode.fault(in: unit) { throw CommandFailure("--unit: \(fault).") }
            if days != nil, hours != nil { throw CommandFailure("Give --days or --hours, not both.") }
            guard (1...3650).contains(days ?? 30), (1...87_600).contains(hours ?? 1) else {
                throw CommandFailure("A token is valid for 1 hour to 3650 days.")
            }
            let seconds = hours.map { $0 * 3600 } ?? (days ?? 30) * 86_400
            guard let key = try options.folder.keys().first else {
                throw CommandFailure("There is no key in \(options.folder.path): make one with `huiyin token keys make`.")
            }
            let acting = ActingPerson(role: role, unit: UnitCode(validated: unit), person: PersonCode(validated: person))
            print(try await StaffKeySet.issue(acting, now: SystemTime.now, lifetime: .seconds(seconds), key: key.key))
        }
    }

    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep the keys that tokens are signed with.", subcommands: [Make.self, List.self, Retire.self])

        struct Make: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Make one more key, which signs from now on; tokens of the others stay valid.")

            @OptionGroup var options: KeyOptions

            func run() async throws { print(try options.folder.make().id) }
        }

        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "List the keys in use; the first signs.")

            @OptionGroup var options: KeyOptions

            func run() async throws { for key in try options.folder.keys() { print("\(key.id)  \(key.made)") } }
        }

        struct Retire: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Take a key out of use: tokens signed with it are refused within seconds.")

            @Argument(help: "The key, as `list` names it.") var key: String
            @OptionGroup var options: KeyOptions

            func run() async throws { try options.folder.retire(key) }
        }
    }
}
