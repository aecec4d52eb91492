import ArgumentParser
import CaseFlow
import Models
import Postgres

/// Looks at notices that wait or have failed, and has them tried again.
struct NoticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice", abstract: "Look at notices to people, and try those again that have failed.",
        subcommands: [List.self, Retry.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List notices that have failed, or that wait.",
            discussion: "The oldest first. It shows neither what a notice says nor to whom by name.")

        enum Phase: String, ExpressibleByArgument, CaseIterable {
            case failed, due
        }

        @Option(help: "failed or due; with --case every phase unless one is named.") var phase: Phase?
        @Option(name: .customLong("case"), help: "Only those of the case with this number.") var number: String?
        @Option(help: "The most lines.") var limit = 200
        @Flag(help: "Print JSON lines.") var json = false
        @Flag(help: "Show each try, too.") var attempts = false

        func run() async throws {
            try await DeadCommand.withDatabase { client in
                let record = NoticeDesk(client: client)
                let entries = try await record.list(phase: phase?.rawValue, number: number, limit: limit)
                for entry in entries {
                    print(json ? entry.json.text : entry.line)
                    guard attempts else { continue }
                    for attempt in try await record.attempts(of: entry.id, subject: entry.subject) {
                        print(json ? attempt.json(of: entry.id).text : "    " + attempt.line)
                    }
                }
                if entries.isEmpty, !json { print("no such notices") }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try notices again: those named, or all that have failed by a way.",
            discussion: """
                They are tried within seconds, from the first way of their recipients on. Those of --way that wait for their next try \
                are tried at once, too, by that way; one that has a rest after failures ends it first, which takes up to five minutes.
                """)

        @Argument(help: "The notices' identifiers, as `huiyin notice list` shows them.") var ids: [String] = []
        @Option(help: "Every notice that this way has, failed or waiting.") var way: String?

        func validate() throws {
            if ids.isEmpty == (way == nil) { throw ValidationError("Name notices or a way: huiyin notice retry ID…, or --way NAME.") }
        }

        func run() async throws {
            let notices = try ids.map { text in
                guard let id = NoticeID(text) else {
                    throw CommandFailure("\"\(text)\" is no identifier of a notice; `huiyin notice list` shows them.")
                }
                return id
            }
            let count = try await DeadCommand.withDatabase { client in
                try await NoticeDesk(client: client).retry(notices, way: way)
            }
            if count < notices.count {
                throw CommandFailure("\(count) are tried again; of the others none has failed or waits: see `huiyin notice list`.")
            }
            print("\(count) to be tried again")
        }
    }
}
