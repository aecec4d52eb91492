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
        @Flag(help: "Let units that have ended in the county in force exist again, or have other successors.") var revive = false

        func run() async throws {
            let (address, token) = try Environment.intake()
            if first, let version = try await CountyCommand.inForce(address: address, token: token) {
                return print("in force since before: \(version)")
            }
            print("in force: \(try await CountyCommand.apply(directory, address: address, token: token, revives: revive))")
        }
    }

    static func compile(_ directory: String) throws -> CountyDefinition {
        let (result, remarks) = CountyCompiler.compileWithRemarks(directory: directory)
        let meter = ProgressMeter(quiet: false)
        for remark in remarks { meter.say("note: \(remark)".shown) }
        switch result {
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
    ///
    /// Files that do not know yet of a unit's end do not undo it by the way: whoever means that says so.
    static func apply(_ directory: String, address: String, token: String, revives: Bool = false) async throws -> String {
        let definition = try compile(directory)
        return try await IntakeClient.with(address: address, token: token) { intake in
            let inForce = try await inForce(intake)
            if let inForce, !revives {
                let units = Dictionary(definition.units.map { ($0.code, $0) }) { first, _ in first }
                for unit in inForce.units {
                    guard let successor = unit.successor, units[unit.code]?.successor != successor || units[unit.code]?.heirs != unit.heirs
                    else { continue }
                    // Who took over from it stays out of what it stays out of, so it is not forgotten either.
                    let heirs = unit.heirs.map { ", heirs: [\($0.map(\.text).joined(separator: ", "))]" } ?? ""
                    throw CommandFailure(
                        "\(unit.code) has ended in the county in force, and these files say otherwise: keep it in units.yaml with \"successor: \(successor)\(heirs)\", or add --revive if that is to change."
                    )
                }
            }
            return try await intake.need(
                .PUT, "/v1/county", body: try definition.canonicalJSON(), version: try inForce?.version())["version"]?.plain ?? ""
        }
    }

    private static func inForce(_ intake: IntakeClient) async throws -> CountyDefinition? {
        let reply: IntakeClient.Reply
        do { reply = try await intake.ask(.GET, "/v1/county/definition") } catch { throw intake.silence }
        switch reply.status {
        case 200: return try CountyDefinition(canonicalJSON: reply.body)
        case 404: return nil
        default: throw CommandFailure(reply.problem)
        }
    }
}
