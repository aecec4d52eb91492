import ArgumentParser
import FoundationEssentials
import Glibc
import Models

/// Registers the messages of a CSV file, each as a case, or records the sessions of a JSON file.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Register every line of a CSV file as a case, or record the sessions of a JSON file.",
        discussion: """
            Columns are found by the header: user, phone, title, narrative, at, kind, channel, topic, region, urgency; --map \
            names others, as in --map title=Subject,narrative=Text. A line that cannot be registered is named on standard error \
            and stops no other; the exit status is then 2. It goes on by itself when the house is away for a while. \
            A file whose name ends with .json holds sessions that were recorded in the field; docs/SESSIONS.md describes it.
            """)

    @Argument(help: "The CSV file, or a JSON file with sessions.") var file: String
    @Flag(help: "Wait until every new case has its unit, its clock and its receipt.") var wait = false
    @Flag(help: "Print the result as one line of JSON.") var json = false
    @Option(help: "FIELD=COLUMN, where the header has other names.") var map: [String] = []
    @Option(help: "How many registrations are under way at the same time.") var parallel = 200

    func run() async throws {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: file)) else { throw CommandFailure("The file \(file) cannot be read.") }
        guard (1...2000).contains(parallel) else { throw CommandFailure("--parallel is a whole number from 1 to 2000.") }
        if file.lowercased().hasSuffix(".json") { return try await record(Array(data)) }
        var reader = CSVReader(Array(data))
        guard case .record(_, let header)? = reader.next() else { throw CommandFailure("\(file) has no header line that can be read.") }
        let columns = try ImportColumns(header: header, map: map)
        let tally = try await IntakeClient.with { intake in
            try await ImportRun(intake: intake, columns: columns, parallel: parallel, meter: ProgressMeter(quiet: json)).run(
                reader, waits: wait)
        }
        print(json ? tally.json.text : tally.sentence)
        if tally.rejected > 0 { throw ExitCode(2) }
        if let completed = tally.completed, completed < tally.registered { throw ExitCode(1) }
    }

    /// Records the sessions of a JSON file.
    private func record(_ bytes: [UInt8]) async throws {
        if wait || !map.isEmpty { throw CommandFailure("--wait and --map are for CSV files; leave them out.") }
        let sessions = try FieldFile(bytes)
        let meter = ProgressMeter(quiet: json)
        let tally = try await IntakeClient.with { intake in
            try await FieldImport(
                ask: { method, path, body, key in try await intake.ask(method, path, body: body, key: key) }, say: { meter.say($0.shown) }
            ).run(sessions)
        }
        print(json ? tally.json.text : tally.sentence)
        if tally.rejected > 0 { throw ExitCode(2) }
    }
}

/// What an import did.
struct ImportTally: Sendable {
    var read = 0
    var registered = 0
    var known = 0
    var rejected = 0
    /// Nil when nobody waited for it.
    var completed: Int?
    var seconds = 0.0

    var casesPerSecond: Double { seconds > 0 ? Double(registered) / seconds : 0 }

    var json: JSONValue {
        .object([
            "read": .integer(Int64(read)), "registered": .integer(Int64(registered)), "known": .integer(Int64(known)),
            "rejected": .integer(Int64(rejected)), "completed": completed.map { .integer(Int64($0)) } ?? .null,
            "seconds": .double((seconds * 1000).rounded() / 1000), "casesPerSecond": .double((casesPerSecond * 10).rounded() / 10),
        ])
    }

    var sentence: String {
        "read \(read): \(registered) registered, \(known) known, \(rejected) rejected; \(completed.map { "\($0) complete; " } ?? "")"
            + "\((seconds * 10).rounded() / 10) s, \((casesPerSecond * 10).rounded() / 10) cases a second"
    }
}

/// Shows how far a command is: a bar on a terminal, a line now and then elsewhere, nothing when quiet and no terminal.
struct ProgressMeter: Sendable {
    let isTerminal = isatty(2) == 1
    private let quiet: Bool

    init(quiet: Bool) { self.quiet = quiet }

    func show(_ what: String, _ done: Int, of all: Int?) {
        if isTerminal {
            let width = 30
            let filled = all.map { $0 > 0 ? width * done / $0 : width } ?? 0
            let bar = all == nil ? "" : " [" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
            write("\r\(what)\(bar) \(done)\(all.map { "/\($0)" } ?? "")   ")
        } else if !quiet, done % 1000 == 0, done > 0 {
            write("\(what): \(done)\(all.map { " of \($0)" } ?? "")\n")
        }
    }

    func end() { if isTerminal { write("\n") } }

    /// A line that stands by itself, on standard error.
    func say(_ line: String) { write((isTerminal ? "\r" : "") + line + "\n") }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
