import ArgumentParser
import Models
import NIOHTTP1

/// Looks at the clocks of cases, and moves them to the terms in force.
struct ClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock", abstract: "Explain the clocks (时限) of a case, or move them to the terms in force.",
        subcommands: [Explain.self, Rebase.self])

    /// Deadline's door, with the identifier of a case by its number.
    static func with<R>(_ name: String, _ body: (IntakeClient, _ id: String) async throws -> R) async throws -> R {
        let deadline = try ServiceDoor.address("deadline")
        let name = try CaseCommand.name(name)
        return try await IntakeClient.with { intake in
            let file = try await intake.need(.GET, "/v1/cases/\(name)")
            return try await body(IntakeClient(address: deadline, token: intake.token, client: intake.client), file["id"]?.plain ?? name)
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say of each clock which days were counted and which were not, and why, with the article.")

        @Argument(help: "The case's number or identifier.") var id: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            try await ClockCommand.with(id) { deadline, id in
                let answer = try await deadline.need(.GET, "/v1/cases/\(id)/clocks")
                if json { return print(answer.text) }
                print("\(answer.shown("number")) \(answer.shown("stage")), pack \(answer.shown("pack")), county \(answer.shown("county"))")
                for clock in answer["clocks"]?.elements ?? [] { Self.show(clock) }
            }
        }

        private static func show(_ clock: JSONValue) {
            func both(_ value: JSONValue?) -> String { "\(value?.shown("zh") ?? "") \(value?.shown("en") ?? "")" }
            let provisional = clock["provisional"] == .bool(true) ? " (provisional 待定)" : ""
            print("")
            print("\(both(clock["title"])): \(clock.shown("phase")), due \(clock.shown("dueDate"))\(provisional)")
            if let term = clock["term"], term != .null {
                print("  \(term.shown("count")) \(term.shown("unit")), roll \(clock.shown("roll")); \(both(clock["citation"]))")
            }
            for turn in clock["turns"]?.elements ?? [] {
                print("  \(turn.shown("kind")) \(turn.shown("at")): \(both(turn["reason"])); \(turn.shown("old")) → \(turn.shown("due"))")
            }
            for day in clock["days"]?.elements ?? [] {
                let ordinal = day["ordinal"] == .null ? "-" : day.shown("ordinal")
                let space = String(repeating: " ", count: max(1, 6 - ordinal.count))
                print("\(space)\(ordinal)  \(day.shown("date"))  \(both(day["reason"]))\(day["provisional"] == .bool(true) ? "?" : "")")
            }
        }
    }

    struct Rebase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move the running clocks of a case to the terms of the county in force; a change of terms alone moves none.")

        @Argument(help: "The case's number or identifier.") var id: String
        @Option(help: "Why; it stands in the ledger and is told to those whom it concerns.") var reason: String

        func run() async throws {
            try await ClockCommand.with(id) { deadline, id in
                let body = JSONValue.object(["reason": .string(reason)])
                // What was done already is refused, so that no key is needed to do it once.
                let key = "rebase-\(UInt64.random(in: 0 ... .max))"
                let reply: IntakeClient.Reply
                do { reply = try await deadline.ask(.POST, "/v1/cases/\(id)/rebase-clocks", body: body.canonical, key: key) } catch {
                    throw ServiceDoor.silence("deadline", at: deadline.address)
                }
                guard reply.status == 200, let answer = reply.json else { throw CommandFailure(reply.problem) }
                for clock in answer["clocks"]?.elements ?? [] { print("\(clock.shown("clock")) is due \(clock.shown("due"))") }
            }
        }
    }
}
