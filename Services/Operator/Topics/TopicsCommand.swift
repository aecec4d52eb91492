import ArgumentParser
import FoundationEssentials
import Models
import Routing

/// Makes the model that names the topics of messages, and tries out how good it is.
struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics", abstract: "Train and try the model that names the topics (内容分类) of messages.",
        subcommands: [Evaluate.self, Train.self, List.self, Use.self, Explain.self])

    /// Reads a file of labelled messages and names the lines left out on standard error.
    private static func examples(_ path: String) throws -> [TopicExample] {
        let file = try TopicFile(path: path)
        let meter = ProgressMeter(quiet: false)
        for complaint in file.complaints(name: path) { meter.say(complaint) }
        return file.examples
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }

    struct Evaluate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how good a model of one file is on another, or in cross-validation.",
            discussion: """
                The files are CSV with a header: the columns text and topic, or title, narrative and topic, in any order and \
                beside any others. A line that cannot be used is named on standard error and left out. coverageAt98 is the \
                largest share of messages that could be given their topic alone, taken by falling confidence, such that 98 % \
                of them get the right one.
                """)

        @Option(help: ArgumentHelp("The CSV file to learn from.", valueName: "file")) var train: String
        @Option(help: ArgumentHelp("The CSV file to try the model on.", valueName: "file")) var test: String?
        @Option(help: "Without --test: in how many parts the file is split, each tried by a model of the others.") var folds: Int?
        @Flag(help: "Print one line of JSON.") var json = false

        func validate() throws {
            if let folds, !(2...100).contains(folds) { throw ValidationError("--folds is a whole number from 2 to 100.") }
            guard test == nil || folds == nil else {
                throw ValidationError("--folds splits the file of --train: leave one of --test and --folds out.")
            }
        }

        func run() throws {
            let examples = try TopicsCommand.examples(train)
            let tests = try test.map { try TopicsCommand.examples($0) }
            let start = ContinuousClock.now
            var trainer = TopicTrainer()
            let outcomes: [TopicOutcome]
            if let tests {
                let model = try trainer.model(of: examples)
                outcomes = tests.map { example in
                    let choice = model.firstChoice(for: example.text)
                    return TopicOutcome(truth: example.topic, guess: choice.topic, confidence: choice.confidence)
                }
            } else {
                if let folds { trainer.folds = folds }
                outcomes = try trainer.crossValidation(of: examples)
            }
            let report = TopicReport(evaluation: TopicEvaluation(outcomes), seconds: TopicsCommand.seconds(since: start))
            print(json ? report.json.text : report.text)
        }
    }

    struct Train: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a model of the county's own cases, or of a CSV file, and keep it.",
            discussion: """
                Without --csv it learns from the house's closed cases and from topics that dispatchers have corrected, never from \
                confidential ones. The model is kept in the house and not yet in force: `topics use` puts it there. With --csv the columns \
                are those of `topics evaluate`; of several lines with the same text the last topic holds, so corrections are put at the end. \
                With --out it is written to a file instead.
                """)

        @Option(help: ArgumentHelp("A CSV file to learn from, in place of the house's cases.", valueName: "file")) var csv: String?
        @Option(help: ArgumentHelp("Where the model is written, in place of the house.", valueName: "file")) var out: String?
        @Option(help: "How many of the latest cases it learns from.") var most = 30_000
        @Option(help: "How many of the topics given without a person should be right, for the threshold shown.")
        var precision = 0.98

        func validate() throws {
            guard (0.5...1).contains(precision) else { throw ValidationError("--precision is a number from 0.5 to 1.") }
            guard (1...200_000).contains(most) else { throw ValidationError("--most is a whole number from 1 to 200000.") }
        }

        func run() async throws {
            let examples: [TopicExample]
            if let csv {
                examples = try TopicsCommand.examples(csv)
            } else {
                examples = try await DeadCommand.withDatabase { try await HouseExamples(client: $0).examples(atMost: most) }
            }
            let start = ContinuousClock.now
            let model: TopicModel
            do throws(TopicTrainingError) { model = try TopicTrainer().model(of: examples) } catch { throw CommandFailure("\(error)") }
            let bytes = model.bytes
            if let out {
                do { try Data(bytes).write(to: URL(fileURLWithPath: out), options: .atomic) } catch {
                    throw CommandFailure("\(out) cannot be written: check the disk and that the folder is there and yours.")
                }
            } else {
                try await DeadCommand.withDatabase { try await TopicModelBook(client: $0).add(model) }
            }
            print(
                "\(model.version): \(model.topics.count) topics from \(model.examples) examples, \(bytes.count) bytes, "
                    + "\(TopicReport.rounded(TopicsCommand.seconds(since: start), 1)) s")
            if let threshold = model.calibration.threshold(precision: precision) {
                print(
                    "confidence \(TopicReport.rounded(threshold)) gives \(TopicReport.rounded(precision)) precision and covers "
                        + TopicReport.rounded(model.calibration.coverage(precision: precision)))
            } else {
                let target = TopicReport.rounded(precision)
                print("no confidence gives \(target) precision on these examples: a person confirms each topic")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the models that the house keeps, and which is in force.")

        @Flag(help: "Print JSON lines.") var json = false

        func run() async throws {
            let models = try await DeadCommand.withDatabase { try await TopicModelBook(client: $0).list() }
            if json {
                for model in models {
                    print(
                        JSONValue.object([
                            "version": .string(model.version), "examples": .integer(Int64(model.examples)),
                            "accuracy": .integer(Int64(model.accuracy)), "coverageAt98": .integer(Int64(model.coverage)),
                            "made": .string(model.made.description), "inForce": .bool(model.isInForce),
                        ]).text)
                }
                return
            }
            if models.isEmpty { return print("no models: `topics train` makes one") }
            let table = models.map { model in
                [
                    model.version, model.isInForce ? "in force" : "", "\(model.examples) examples",
                    "\(TopicReport.rounded(Double(model.accuracy) / 10, 1)) % right",
                    "\(TopicReport.rounded(Double(model.coverage) / 10, 1)) % alone at 98 %", model.made.description,
                ]
            }
            print(Console.table(table).joined(separator: "\n"))
        }
    }

    struct Use: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a model in force, an earlier one, too; or none.",
            discussion: """
                New cases get their topics by it within seconds. Whether a topic is given without a person says topic-precision in the \
                county's county.yaml; the dispatch desk sees the likeliest three of every other case. What an earlier model has given stays.
                """)

        @Argument(help: "The version, as `topics list` shows it; or none.") var version: String

        func run() async throws {
            let chosen = version == "none" ? nil : version
            let isKnown = try await DeadCommand.withDatabase { try await TopicModelBook(client: $0).choose(chosen) }
            guard isKnown else { throw CommandFailure("There is no model \(version.shown): `topics list` shows those there are.") }
            print(chosen == nil ? "No model is asked any more." : "\(version.shown) is in force.")
        }
    }

    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which topics a message may have, and which of its words say so.")

        @Option(help: ArgumentHelp("A file that `topics train` wrote.", valueName: "file")) var model: String
        @Option(help: "The message.") var text: String

        func run() throws {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: model)) else {
                throw CommandFailure("The file \(model) cannot be read: check its name and that you may read it.")
            }
            let suggestion = try TopicModel(bytes: Array(data)).suggestion(for: text)
            for choice in suggestion.choices {
                let confidence = TopicReport.rounded(choice.confidence)
                print("\(choice.topic.shown)  confidence \(confidence)  score \(TopicReport.rounded(choice.score))")
                for piece in choice.speakingFor + choice.speakingAgainst {
                    print("  \(piece.weight < 0 ? "" : "+")\(TopicReport.rounded(piece.weight))  \(piece.text.shown)")
                }
                print("  \(choice.rest < 0 ? "" : "+")\(TopicReport.rounded(choice.rest))  (\(choice.restCount) other pieces)")
                print("  \(choice.bias < 0 ? "" : "+")\(TopicReport.rounded(choice.bias))  (the topic itself)")
            }
        }
    }
}
