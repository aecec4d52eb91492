import ArgumentParser
import Models
import NIOHTTP1

/// Checks and publishes county definitions.
struct CountyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "county", abstract: "Check, compare and publish the county definition (县域配置).",
        subcommands: [Check.self, Diff.self, Apply.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Name every mistake in a county's files, with file and line.")

        @Argument(help: "The folder of the county's files.") var directory: String

        func run() throws {
            let definition = try CountyCommand.compile(directory)
            print(
                "\(definition.name.zh) \(definition.name.en): \(definition.units.count) units, \(definition.regions.count) regions, "
                    + "\(definition.topics.count) topics, \(definition.rules.count) rules, \(definition.packs.count) packs; version \(try definition.version())"
            )
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check a county's files and put them in force.")

        @Argument(help: "The folder of the county's files.") var directory: String
        @Flag(help: "Do nothing when a county is in force already.") var first = false

        func run() async throws {
            let (address, token) = try Environment.intake()
            if first, let version = try await CountyCommand.inForce(address: address, token: token) {
                return print("in force since before: \(version)")
            }
            print("in force: \(try await CountyCommand.apply(directory, address: address, token: token))")
        }
    }

    static func compile(_ directory: String) throws -> CountyDefinition {
        switch CountyCompiler.compile(directory: directory) {
        case .success(let definition): return definition
        case .failure(let mistakes): throw CommandFailure("\(mistakes)")
        }
    }

    /// The version in force, nil when no county was ever published.
    static func inForce(address: String, token: String) async throws -> String? {
        try await IntakeClient.with(address: address, token: token) { intake in
            let reply: IntakeClient.Reply
            do { reply = try await intake.ask(.GET, "/v1/county") } catch { throw intake.silence }
            switch reply.status {
            case 200: return reply.json?["version"]?.plain
            case 404: return nil
            default: throw CommandFailure(reply.problem)
            }
        }
    }

    /// Publishes the compiled definition and returns its version.
    static func apply(_ directory: String, address: String, token: String) async throws -> String {
        let definition = try compile(directory)
        return try await IntakeClient.with(address: address, token: token) { intake in
            try await intake.need(.PUT, "/v1/county", body: try definition.canonicalJSON())["version"]?.plain ?? ""
        }
    }
}
