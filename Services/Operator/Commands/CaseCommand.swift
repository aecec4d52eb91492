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
            let id = try CaseCommand.name(id)
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
                    print("\(label)\(file[name]?.plain.shown ?? "-")")
                }
                for clock in file["clocks"]?.elements ?? [] {
                    print("clock       \(clock.shown("name")) due \(clock.shown("dueDate")) (\(clock.shown("phase")))")
                }
                print("\nledger")
                for line in ledger["lines"]?.elements ?? [] {
                    let event = line["event"] ?? .null
                    print("  \(line.shown("position"))  \(event.shown("time"))  \(event.shown("type"))  by \(event.shown("source"))")
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List cases, the newest first.")

        @Option(help: "How many.") var limit = 20
        @Option(help: "Go on with the next page: the \"next\" of the page before.") var after: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            if let after, after.isEmpty || !after.utf8.allSatisfy(Self.isCursor) {
                throw CommandFailure(
                    "--after \(after.shown) is not the \"next\" of a page; run the list without it and copy what it ends with.")
            }
            try await IntakeClient.with { intake in
                let page = try await intake.need(.GET, "/v1/cases?limit=\(limit)" + (after.map { "&after=\($0)" } ?? ""))
                if json {
                    print(page.text)
                    return
                }
                for entry in page["cases"]?.elements ?? [] {
                    let title = String((entry["title"]?.plain ?? "").prefix(40)).shown
                    print("\(entry.shown("number"))  \(entry.shown("stage"))  \(entry.shown("unit"))  \(title)")
                }
                if let next = page["next"], next != .null { print("next: \(next.plain.shown)") }
            }
        }

        /// Whether a `next` may hold the character; all of them stand in an address as they are.
        private static func isCursor(_ character: UInt8) -> Bool {
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// The number or identifier as it can stand in a path; throws a sentence for anything else.
    static func name(_ text: String) throws(CommandFailure) -> String {
        guard CaseID(text) != nil || CaseNumber.isWellFormed(text) else {
            throw CommandFailure("\"\(text.shown)\" is neither the number nor the identifier of a case; `huiyin case list` shows both.")
        }
        return text
    }
}
