import ArgumentParser
import FoundationEssentials
import Models
import Routing

/// Measures how many cases one process of routing assigns, with model, places, rules and the search for others of the same matter.
struct RoutingBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routing", abstract: "Measure how many cases routing assigns, and what one costs.",
        discussion: """
            Publishes registered cases to a broker of its own, starts one process of routing, and counts. Assigning and searching share that \
            process: a case counts as done when it has its unit, its likenesses and its issue. Without files the texts are invented.
            """)

    @Option(help: "How many cases are measured.") var cases = 20_000
    @Option(help: "How many cases routing knows before.") var known = 0
    @Option(help: ArgumentHelp("A CSV file with title and narrative, whose messages are used over and over.", valueName: "file"))
    var messages: String?
    @Option(help: ArgumentHelp("A file that `topics train` wrote.", valueName: "file")) var model: String?
    @Option(
        parsing: .upToNextOption,
        help: "Measure instead how many cases so many processes assign together, such as 1 2 4, when a decision takes longer.")
    var replicas: [Int] = []
    @Option(help: "With --replicas, how many milliseconds a decision takes longer.") var decision = 5
    @Option(help: "The folder of the county's files.") var county: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1_000...1_000_000).contains(cases), (0...2_000_000).contains(known) else {
            throw ValidationError("--cases is from 1000 to 1000000, and --known at most 2000000.")
        }
        guard replicas.allSatisfy((1...16).contains), (1...1000).contains(decision) else {
            throw ValidationError("--replicas are from 1 to 16, and --decision is from 1 to 1000 milliseconds.")
        }
    }

    func run() async throws {
        let isQuiet = json
        let definition = try BenchCommand.county(county)
        let texts = try messages.map(Self.texts) ?? RoutingBench.inventedTexts
        let trained: TopicModel
        if let model {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: model)) else {
                throw CommandFailure("The file \(model.shown) cannot be read: check its name and that you may read it.")
            }
            trained = try TopicModel(bytes: Array(data))
        } else {
            trained = try TopicTrainer().model(of: RoutingBench.inventedExamples(definition))
        }
        let bench = RoutingBench(county: definition, texts: texts, model: trained) { if !isQuiet { print($0) } }
        let figures = try await BenchCommand.untilStopped {
            replicas.isEmpty
                ? try await bench.run(cases: cases, known: known)
                : try await bench.spread(cases: cases, over: replicas, pause: .milliseconds(decision))
        }
        print(isQuiet ? figures.json : figures.text)
    }

    private static func texts(_ path: String) throws -> [RoutingBench.Text] {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw CommandFailure("The file \(path.shown) cannot be read: check its name and that you may read it.")
        }
        var reader = CSVReader(Array(data))
        guard case .record(_, let header)? = reader.next(), let title = header.firstIndex(of: "title"),
            let narrative = header.firstIndex(of: "narrative")
        else { throw CommandFailure("The file \(path.shown) has no header with title and narrative.") }
        var texts: [RoutingBench.Text] = []
        while let item = reader.next() {
            if case .record(_, let fields) = item { texts.append(.init(title: fields[title], narrative: fields[narrative])) }
        }
        guard !texts.isEmpty else { throw CommandFailure("The file \(path.shown) has no messages.") }
        return texts
    }
}
