import ArgumentParser
import CaseFlow
import Deadline
import FoundationEssentials
import Glibc
import Models
import Postgres
import ServiceKit

extension CalendarCommand {
    /// Says what another calendar would do to the clocks that run, or how far it has been done.
    struct Recount: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which running clocks another calendar moves, or how far the calendar in force has moved them.",
            discussion: """
                With the folder of a county's files it changes nothing and lists what publishing them would move. Without it waits until \
                the dates are counted anew by the calendar in force, which deadline does by itself when the county is published.
                """)

        @Argument(help: "The folder of a county's files.") var directory: String?
        @Flag(help: "Print one line of JSON.") var json = false

        func run() async throws {
            guard let directory else { return try await DeadCommand.withDatabase { try await Self.follow($0, json: json) } }
            let definition = try CountyCommand.compile(directory)
            let moves = try await DeadCommand.withDatabase { try await Self.moves(by: definition, on: $0) }
            if json { return print(JSONValue.object(["clocks": .array(moves.map(\.json))]).text) }
            for move in moves { print(move.sentence.shown) }
            print("\(moves.count == 1 ? "1 running clock" : "\(moves.count) running clocks") would get another date; nothing was changed")
        }

        private static func follow(_ client: PostgresClient, json: Bool) async throws {
            let bar = ProgressBar(isShown: !json && isatty(STDERR_FILENO) == 1)
            while true {
                let row = try await client.run(
                    """
                    SELECT r.version, total, looked, changed, done FROM deadline.recounts r ORDER BY sequence DESC LIMIT 1
                    """
                ).first
                guard let row else { return print("No county definition has reached deadline yet.") }
                let (version, total, looked, changed, isDone): (String, Int, Int, Int, Bool) = (
                    try row.value(0), try row.value(1), try row.value(2), try row.value(3), try row.value(4)
                )
                if json {
                    let report: [String: JSONValue] = [
                        "version": .string(version), "cases": .integer(Int64(total)), "looked": .integer(Int64(looked)),
                        "changed": .integer(Int64(changed)), "done": .bool(isDone),
                    ]
                    return print(JSONValue.object(report).text)
                }
                if isDone {
                    bar.end()
                    return print("\(version): clocks that got another date: \(changed), in \(looked) cases with clocks that ran")
                }
                bar.show(total == 0 ? 0 : Double(min(looked, total)) / Double(total))
                try await Task.sleep(for: .milliseconds(200))
            }
        }

        /// A clock that would get another date.
        private struct Move {
            var number: String
            var facts: ClockRebased

            var json: JSONValue {
                .object([
                    "number": .string(number), "clock": .string(facts.clock.text), "old": .string(facts.old.description),
                    "due": .string(facts.due.description), "dueDate": .string(facts.dueDate.description),
                    "provisional": .bool(facts.provisional),
                ])
            }

            var sentence: String {
                "\(number): \(facts.clock) from \(facts.old.description.prefix(10)) to \(facts.dueDate)\(facts.provisional ? " (provisional)" : "")"
            }
        }

        /// What the process itself would state if the definition were in force now.
        private static func moves(by definition: CountyDefinition, on client: PostgresClient) async throws -> [Move] {
            var counties = try await RecordReader(client: client).counties()
            let edition = try CountyBook.Edition(definition)
            counties.add(edition)
            counties.putInForce(edition.index.version)
            let context = FlowContext(now: SystemTime.now, counties: counties)
            var (moves, last) = ([Move](), Subject(UniqueID(high: 0, low: 0)))
            while true {
                let rows = try await client.run(
                    "SELECT subject, state FROM deadline.cases WHERE subject > \(last) AND last_due > now() ORDER BY subject LIMIT 1000")
                for row in rows {
                    let state: DeadlineState = try StateCoding.decode(row.value(1))
                    for case let facts as ClockRebased in try DeadlineProcess().decide(.recount, on: state, in: context).facts {
                        // Confidential cases are counted by nobody who is not of their circle.
                        let number = state.life.isConfidential ? "confidential" : state.number ?? ""
                        moves.append(Move(number: number, facts: facts))
                    }
                }
                guard rows.count == 1000, let end = rows.last else { return moves }
                last = try end.value(0)
            }
        }
    }
}
