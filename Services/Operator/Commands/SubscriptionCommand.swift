import ArgumentParser
import Models
import NIOHTTP1

/// Works on departments' subscriptions to the feed of case events.
struct SubscriptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscription", abstract: "Let departments' systems subscribe to the feed of case events.",
        subcommands: [
            Add.self, List.self, Show.self, Pause.self, Resume.self, Replay.self, Rotate.self, Remove.self, Test.self,
        ])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a subscription; its secret is shown once.",
            discussion: "Name --url for a webhook, --queue for a queue in RabbitMQ, or --pull for a system that fetches.")

        @Argument(help: "The name of the subscription: a-z, 0-9 and hyphens.") var code: String
        @Option(help: "The code of the unit that it belongs to.") var unit: String
        @Option(help: "Post events to this address.") var url: String?
        @Option(help: ArgumentHelp("How a webhook's requests spell events.", valueName: "structured|binary|batch")) var form: String?
        @Flag(help: "Put events into a queue of their own.") var queue = false
        @Option(help: "How many messages may wait in the queue.") var room: Int?
        @Flag(help: "Let the department fetch events.") var pull = false
        @Option(parsing: .upToNextOption, help: "Only these types of events, such as case.answered.") var types: [String] = []
        @Option(parsing: .upToNextOption, help: "Only these topics, with all below them.") var topics: [String] = []
        @Option(parsing: .upToNextOption, help: "Only these regions, with all below them.") var regions: [String] = []
        @Option(parsing: .upToNextOption, help: "Only cases for which these units, or units below them, are accountable.") var units:
            [String] = []
        @Option(parsing: .upToNextOption, help: "Only these kinds of cases.") var kinds: [String] = []
        @Flag(help: "Begin with the first event that the feed has, not with the next.") var fromBeginning = false
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            guard [url != nil, queue, pull].count(where: { $0 }) == 1 else {
                throw ValidationError("Name one way: --url ADDRESS, --queue, or --pull.")
            }
        }

        func run() async throws {
            func list(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
            let body: JSONValue = .object([
                "code": .string(code), "unit": .string(unit), "kind": .string(url != nil ? "webhook" : queue ? "amqp" : "pull"),
                "url": url.map { .string($0) } ?? .null, "form": form.map { .string($0) } ?? .null,
                "room": room.map { .integer(Int64($0)) } ?? .null, "start": .string(fromBeginning ? "beginning" : "now"),
                "filter": .object([
                    "types": list(types), "topics": list(topics), "regions": list(regions), "units": list(units), "kinds": list(kinds),
                ]),
            ])
            try await SubscriptionCommand.ask(.POST, "", body) { made in
                if json { return print(made.text) }
                print("\(code.shown) is subscribed.")
                SubscriptionCommand.tell(made)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List subscriptions, how far each came and what keeps it.")

        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            try await SubscriptionCommand.ask(.GET, "") { answer in
                if json { return print(answer.text) }
                let found = answer["subscriptions"]?.elements ?? []
                if found.isEmpty { print("no subscriptions") }
                for one in found {
                    var words = ["\(one.shown("code"))  \(one.shown("kind")) of \(one.shown("unit")), \(one.shown("phase"))"]
                    words.append("\(one.shown("number")) events, \(one.shown("behind")) entries to look at, \(one.shown("parked")) parked")
                    if one["failures"] != .integer(0) { words.append("away: \(one.shown("lastAnswer")), again \(one.shown("retryAt"))") }
                    if one["reason"] != .null { words.append(one.shown("reason")) }
                    print(words.joined(separator: "; "))
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show everything about a subscription but its secret.")

        @Argument(help: "The name of the subscription.") var code: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            try await SubscriptionCommand.ask(.GET, try SubscriptionCommand.path(code)) { one in
                if json { return print(one.text) }
                for name in ["code", "unit", "kind", "url", "form", "room", "phase", "reason", "number", "behind", "parked", "failures"] {
                    print("\(Console.padded(name, to: 12))\(one.shown(name))")
                }
                for name in ["retryAt", "lastAnswer", "lastSuccess", "created"] {
                    print("\(Console.padded(name, to: 12))\(one.shown(name))")
                }
                for name in ["types", "topics", "regions", "units", "kinds"] {
                    let values = one["filter"]?[name]?.elements.map(\.plain.shown) ?? []
                    if !values.isEmpty { print("\(Console.padded(name, to: 12))\(values.joined(separator: ", "))") }
                }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a subscription; what it misses waits for it.")

        @Argument(help: "The name of the subscription.") var code: String
        @Option(help: "Why, for whoever looks at it.") var reason: String?

        func run() async throws {
            let body: JSONValue = .object(["reason": reason.map { .string($0) } ?? .null])
            try await SubscriptionCommand.ask(.POST, try SubscriptionCommand.path(code, "pause"), body) { _ in
                print("\(code.shown) is paused.")
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a subscription go on where it was.")

        @Argument(help: "The name of the subscription.") var code: String

        func run() async throws {
            try await SubscriptionCommand.ask(.POST, try SubscriptionCommand.path(code, "resume"), .object([:])) { _ in
                print("\(code.shown) goes on.")
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deliver again, from a number or a time on.")

        @Argument(help: "The name of the subscription.") var code: String
        @Option(
            help: ArgumentHelp("The first number to deliver again, or a time such as 2026-11-24T08:30:00+08:00.", valueName: "number|time"))
        var from: String

        func run() async throws {
            var body: [String: JSONValue] = ["since": .string(from)]
            if let number = Int64(from) { body = ["after": .integer(max(0, number - 1))] }
            try await SubscriptionCommand.ask(.POST, try SubscriptionCommand.path(code, "replay"), .object(body)) { answer in
                print("\(code.shown) gets everything behind number \(answer.shown("after")) again.")
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new secret; a webhook's and a fetching system's former one counts for another day.")

        @Argument(help: "The name of the subscription.") var code: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            try await SubscriptionCommand.ask(.POST, try SubscriptionCommand.path(code, "rotate"), .object([:])) { made in
                if json { return print(made.text) }
                print("\(code.shown) has a new secret.")
                SubscriptionCommand.tell(made)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a subscription, with its queue and its user.")

        @Argument(help: "The name of the subscription.") var code: String

        func run() async throws {
            try await SubscriptionCommand.ask(.POST, try SubscriptionCommand.path(code, "remove"), .object([:])) { _ in
                print("\(code.shown) is gone.")
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Post an event that tells of nothing to a webhook.")

        @Argument(help: "The name of the subscription.") var code: String

        func run() async throws {
            try await SubscriptionCommand.ask(.POST, try SubscriptionCommand.path(code, "test"), .object([:])) { answer in
                let told = answer.shown("answer")
                guard told.hasPrefix("2") else { throw CommandFailure("\(code.shown) does not take it: \(told).") }
                print("\(code.shown) answered \(told).")
            }
        }
    }

    /// What is shown once.
    private static func tell(_ made: JSONValue) {
        switch made["kind"]?.plain {
        case "webhook": print("Signing key: \(made.shown("secret"))")
        case "amqp": print("Queue and user: \(made.shown("queue"))\nPassword: \(made.shown("secret"))")
        default: print("Token: \(made.shown("secret"))")
        }
        print("It is not shown again: hand it to the department now.")
    }

    private static func path(_ code: String, _ order: String? = nil) throws -> String {
        guard code.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }), !code.isEmpty else {
            throw CommandFailure("\(code.shown) is no name of a subscription: it has only a-z, 0-9 and hyphens.")
        }
        return "/\(code)" + (order.map { "/\($0)" } ?? "")
    }

    /// Asks notification; throws the sentence of a refusal.
    private static func ask(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, _ told: (JSONValue) throws -> Void) async throws
    {
        let address = try ServiceDoor.address("notification")
        try await IntakeClient.with(address: address, token: try Environment.intake().token) { door in
            var reply: IntakeClient.Reply
            let end = ContinuousClock.now + .seconds(15)
            repeat {
                do { reply = try await door.ask(method, "/v1/subscriptions" + path, body: body?.canonical) } catch {
                    throw ServiceDoor.silence("notification", at: address)
                }
                // A county that has just come into force is known to the other services a moment later.
                if reply.status == 503 { try await Task.sleep(for: .milliseconds(500)) }
            } while reply.status == 503 && .now < end
            guard (200..<300).contains(reply.status), let json = reply.json else { throw CommandFailure(reply.problem) }
            try told(json)
        }
    }
}
