import ArgumentParser
import FoundationEssentials

/// `huiyin logs`: the end of the logs of one process or of all.
public struct LogsCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(commandName: "logs", abstract: "Show the logs of one process or of all.")

    @Argument(help: "intake, routing-2, postgresql, rabbitmq, up … or nothing for all.")
    var process: String?

    @Option(name: [.customShort("n"), .long], help: "Lines of each log.")
    var lines = 50

    @Flag(name: .shortAndLong, help: "Go on showing what is added.")
    var follow = false

    public init() {}

    public func validate() throws {
        guard (1...100_000).contains(lines) else { throw ValidationError("--lines must be a whole number from 1 to 100000.") }
    }

    public func run() async throws {
        let folder = HouseFolder.current(environment: ProcessInfo.processInfo.environment)
        let console = Console()
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.logFolder)) ?? []
        let known = files.filter { $0.hasSuffix(".log") }.map { String($0.dropLast(4)) }.sorted()
        let names = process.map { name in known.filter { $0 == name } } ?? known
        guard !names.isEmpty else {
            let choice = known.isEmpty ? "`./huiyin up` writes them." : "There are: \(known.joined(separator: ", "))."
            throw UpFailure("No log \(process.map { "of \($0) " } ?? "")in \(folder.logFolder). \(choice)")
        }
        let prefixed = names.count > 1
        func show(_ name: String, _ line: String) { console.say(prefixed ? "\(Console.padded(name, to: 16))\(line)" : line) }
        var readers = names.map {
            (name: $0, reader: LogReader(path: folder.logFile($0), position: LogTail.length(of: folder.logFile($0))))
        }
        for name in names {
            for line in LogTail.lines(of: folder.logFile(name), limit: lines) { show(name, line) }
        }
        while follow, !Task.isCancelled {
            for index in readers.indices {
                for line in readers[index].reader.newLines() { show(readers[index].name, line) }
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }
}
