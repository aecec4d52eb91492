import ArgumentParser
import Models
import NIOHTTP1

/// Looks at cases.
struct CaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case", abstract: "Look at cases.", subcommands: [Show.self, List.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a case and its ledger.")

        @Argument(help: "The case's number or identifier.") var id: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            try await IntakeClient.with { intake in
                let file = try await intake.need(.GET, "/v1/cases/\(id)")
                let ledger = try await intake.need(.GET, "/v1/cases/\(id)/ledger")
                if json {
                    print(JSONValue.object(["case": file, "ledger": ledger["lines"] ?? .null]).text)
                    return
                }
                for name in [
                    "number", "id", "title", "kind", "channel", "urgency", "topic", "region", "stage", "unit", "registered", "completed",
                ] {
                    let label = name + String(repeating: " ", count: 12 - name.count)
                    print("\(label)\(file[name]?.plain ?? "-")")
                }
                for clock in file["clocks"]?.elements ?? [] {
                    print("clock       \(clock["name"]?.plain ?? "") due \(clock["dueDate"]?.plain ?? "") (\(clock["phase"]?.plain ?? ""))")
                }
                print("\nledger")
                for line in ledger["lines"]?.elements ?? [] {
                    let event = line["event"]
                    print(
                        "  \(line["position"]?.plain ?? "")  \(event?["time"]?.plain ?? "")  \(event?["type"]?.plain ?? "")  by \(event?["source"]?.plain ?? "")"
                    )
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List cases, the newest first.")

        @Option(help: "How many.") var limit = 20
        @Option(help: "Go on behind this identifier: the \"next\" of the page before.") var after: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            try await IntakeClient.with { intake in
                let page = try await intake.need(.GET, "/v1/cases?limit=\(limit)" + (after.map { "&after=\($0)" } ?? ""))
                if json {
                    print(page.text)
                    return
                }
                for entry in page["cases"]?.elements ?? [] {
                    print(
                        "\(entry["number"]?.plain ?? "")  \(entry["stage"]?.plain ?? "")  \(entry["unit"]?.plain ?? "")  \(entry["title"]?.plain.prefix(40) ?? "")"
                    )
                }
                if let next = page["next"], next != .null { print("next: \(next.plain)") }
            }
        }
    }
}
