import ArgumentParser
import Models

/// Shows hot issues (热点问题): what many have written of.
struct HotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hot", abstract: "Show hot issues: what many people have written of.", subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List issues, the hottest first.",
            discussion: """
                The heat is the sum of an issue's cases, its people, how many more cases the last seven days had than a week on average, \
                and its likes, each by the county's weight (hot-issues in county.yaml).
                """)

        @Option(help: "The most lines, up to 100.") var limit = 20
        @Flag(help: "Print one line of JSON.") var json = false

        func validate() throws {
            guard (1...100).contains(limit) else { throw ValidationError("--limit is a whole number from 1 to 100.") }
        }

        func run() async throws {
            let answer = try await ServiceDoor.get("/v1/issues?limit=\(limit)", of: "routing")
            print(json ? answer.text : Self.text(answer))
        }

        static func text(_ answer: JSONValue) -> String {
            let issues = answer["issues"]?.elements ?? []
            if issues.isEmpty { return "no issues yet" }
            let rows = issues.map { issue in
                [HotCommand.hundredths(issue["heat"]?["index"])]
                    + ["cases", "people", "growth", "likes"].map { issue["heat"]?.shown($0) ?? "" }
                    + [issue.shown("id"), issue.shown("title")]
            }
            return Console.table([["heat", "cases", "people", "growth", "likes", "issue", "title"]] + rows).joined(separator: "\n")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an issue with its latest cases.")

        @Argument(help: "The issue, as `huiyin hot list` names it.") var issue: String
        @Flag(help: "Print one line of JSON.") var json = false

        func run() async throws {
            guard let id = UniqueID(issue) else {
                throw CommandFailure("\"\(issue.shown)\" is no identifier of an issue; `huiyin hot list` shows them.")
            }
            let answer = try await ServiceDoor.get("/v1/issues/\(id)", of: "routing")
            print(json ? answer.text : Self.text(answer))
        }

        static func text(_ issue: JSONValue) -> String {
            let heat = issue["heat"] ?? .null
            let units = (issue["units"]?.elements ?? []).map(\.plain).joined(separator: ", ")
            let cases = (issue["list"]?.elements ?? []).map { found in
                ["number", "stage", "unit", "registered", "title"].map { found.shown($0) }
            }
            return """
                \(issue.shown("title"))
                heat \(HotCommand.hundredths(heat["index"])): \(heat.shown("cases")) cases, \(heat.shown("people")) people, \
                growth \(heat.shown("growth")), \(heat.shown("likes")) likes
                topic \(issue["topic"]?.plain ?? "none"), place \(issue["region"]?.plain ?? "none"), units: \(units.isEmpty ? "none" : units.shown)
                since \(issue.shown("since")), latest \(issue.shown("latest"))

                """ + Console.table([["number", "stage", "unit", "registered", "title"]] + cases).joined(separator: "\n")
        }
    }

    /// A number of hundredths with its point.
    private static func hundredths(_ value: JSONValue?) -> String {
        guard case .integer(let number)? = value else { return "" }
        let rest = number % 100
        return rest == 0 ? "\(number / 100)" : "\(number / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
