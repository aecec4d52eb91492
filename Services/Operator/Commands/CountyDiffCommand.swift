import ArgumentParser
import FoundationEssentials
import Models
import NIOHTTP1

extension CountyCommand {
    /// Says in words what a new county definition changes, before it is put in force.
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say sentence by sentence how two county definitions differ, and which open cases that touches.",
            discussion: """
                OLD and NEW are folders of a county's files, or versions that were published, such as c-0123456789abcdef; \
                "in-force" stands for the one in force. A case keeps the version it began under.
                """)

        @Argument(help: "A folder, a version, or in-force.") var old: String
        @Argument(help: "A folder, a version, or in-force.") var new: String
        @Flag(help: "Print one line of JSON.") var json = false

        func run() async throws {
            let definitions = (try await CountyCommand.definition(old), try await CountyCommand.definition(new))
            let diff = CountyDiff(from: definitions.0, to: definitions.1)
            let touched = try? await DeadCommand.withDatabase { try await TouchedCases.find(diff, on: $0) }
            if json {
                let report: [String: JSONValue] = [
                    "old": .string(try definitions.0.version()), "new": .string(try definitions.1.version()),
                    "changes": .array(diff.changes.map(\.json)), "openCases": touched?.json ?? .null,
                ]
                return print(JSONValue.object(report).text)
            }
            if diff.changes.isEmpty { return print("Nothing is different.") }
            for change in diff.changes { print(change.sentence.shown) }
            guard let touched else { return print("No house answers here, so its open cases are not looked at.") }
            for sentence in touched.sentences { print(sentence.shown) }
        }
    }

    /// The definition that a folder's files make, or a published one by its version.
    static func definition(_ name: String) async throws -> CountyDefinition {
        let isVersion = name.hasPrefix("c-") && name.utf8.count == 18 && name.utf8.dropFirst(2).allSatisfy(Self.isHexadecimal)
        guard isVersion || name == "in-force" else { return try compile(name) }
        return try await IntakeClient.with { intake in
            let found = try await intake.need(.GET, "/v1/county/definition" + (isVersion ? "?version=\(name)" : ""))
            do throws(CountyError) { return try CountyDefinition(canonicalJSON: found.canonical) } catch {
                throw CommandFailure("\(error)")
            }
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f")
    }
}
