import ArgumentParser
import CaseFlow
import FoundationEssentials
import Models
import Postgres
import Routing

/// Tries out rules before they are put in force.
struct RoutingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routing", abstract: "Try out rules before they are put in force.", subcommands: [Replay.self])

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which cases of the past a county's files would have sent elsewhere.",
            discussion: """
                Nothing is changed. Every case registered since the day is placed as if it came in under the new files, and compared with \
                the unit and topic that it was given first, and with the unit that answered it in the end. Confidential cases are only \
                counted. Rules that choose the less loaded of several units choose by the case alone, since nobody knows the loads of then.
                """)

        @Option(help: ArgumentHelp("The folder of the county's files to try.", valueName: "folder")) var rules: String
        @Option(help: ArgumentHelp("From which day on, in the county's time.", valueName: "yyyy-mm-dd")) var since: String
        @Option(help: ArgumentHelp("A file that `topics train` wrote, in place of the model in force.", valueName: "file"))
        var model: String?
        @Flag(help: "Also list the numbers of the cases that would have gone elsewhere.") var cases = false
        @Flag(help: "Print one line of JSON.") var json = false

        func run() async throws {
            guard let day = LocalDate(since) else { throw CommandFailure("--since \(since.shown) is no date: write it like 2026-11-24.") }
            let county: CountyBook.Edition
            let definition = try CountyCommand.compile(rules)
            do throws(CountyError) { county = try CountyBook.Edition(published: definition) } catch { throw CommandFailure("\(error)") }
            let chosen = try model.map(Self.model)
            let report = try await DeadCommand.withDatabase { client in
                let inForce: TopicModel?
                if let chosen { inForce = chosen } else { inForce = try await Self.inForce(TopicModelBook(client: client)) }
                let shelf = TopicShelf()
                shelf.put(inForce)
                let start = definition.offsets.instant(day, .zero)
                let (replay, hidden) = try await client.withTransaction { transaction in
                    try await transaction.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    var replay = RoutingReplay(county, topics: shelf)
                    let hidden = try await PastCases(transaction: transaction, since: start).forEach { replay.take($0) }
                    return (replay, hidden)
                }
                return ReplayReport(
                    replay: replay, since: day, county: county.index.version, model: inForce?.version, confidential: hidden,
                    listsCases: cases)
            }
            print(json ? report.json.text : report.text)
        }

        private static func model(_ path: String) throws -> TopicModel {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
                throw CommandFailure("The file \(path.shown) cannot be read: check its name and that you may read it.")
            }
            return try TopicModel(bytes: Array(data))
        }

        private static func inForce(_ book: TopicModelBook) async throws -> TopicModel? {
            guard let version = try await book.inForce(), let bytes = try await book.bytes(of: version) else { return nil }
            return try TopicModel(bytes: bytes)
        }
    }
}
