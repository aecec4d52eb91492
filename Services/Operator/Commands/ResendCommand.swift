import ArgumentParser
import CaseFlow
import Models
import Postgres

/// Sends messages again that the broker may have lost.
struct ResendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend", abstract: "Send messages between the services again that the broker may have lost.",
        discussion: """
            Each service keeps its messages for seven days. An emptied broker is noticed and served by itself; this command is for \
            a queue that was purged or deleted while the broker lived. Readers know again what they had, so repeating is harmless.
            """)

    @Option(help: "Only what was written from this instant on, as in 2026-11-24T08:00:00Z.") var since: String?
    @Flag(help: "Print one line of JSON.") var json = false

    func run() async throws {
        let instant = try since.map { text in
            guard let instant = Instant(text) else {
                throw CommandFailure("--since \(text) is no time in RFC 3339, such as 2026-11-24T08:00:00Z.")
            }
            return instant
        }
        let counts = try await DeadCommand.withDatabase { client in
            var counts: [(source: Source, count: Int)] = []
            for source in Source.allCases {
                let count = try await client.withTransaction { transaction in
                    try await transaction.run("SET LOCAL search_path TO \(identifier: source.rawValue)")
                    return try await transaction.commit(with: [KeptBundles.resend(since: instant)]).last?.first?.value(0, as: Int.self) ?? 0
                }
                counts.append((source, count))
            }
            return counts
        }
        if json {
            print(JSONValue.object(Dictionary(uniqueKeysWithValues: counts.map { ($0.source.rawValue, .integer(Int64($0.count))) })).text)
        } else {
            let parts = counts.map { "\($0.source.rawValue) \($0.count)" }.joined(separator: ", ")
            print("messages to be sent again: \(parts)")
        }
    }
}
