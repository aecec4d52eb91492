import ArgumentParser
import Foundation
import Models

/// Counts terms by a county's calendar, and takes over calendars of others.
struct CalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Count terms by a county's calendar (工作日历), or take over an iCalendar file.",
        subcommands: [Due.self, Import.self, Recount.self])

    /// The county whose files say which days are worked: the folder given, the one that HUIYIN_COUNTY names, else the clone's.
    static func county(_ folder: String?) throws -> CountyDefinition {
        let environment = Environment.current
        let folder = folder ?? environment["HUIYIN_COUNTY"] ?? HouseFolder.current(environment: environment).home + "/deploy/county"
        return try CountyCommand.compile(folder)
    }

    struct Due: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say by when a term is over, day by day.",
            discussion: """
                The start day is not counted. A date stands for its first instant when the term is in hours. With --batch it reads a CSV \
                file with the columns start, term, unit and roll ("-" is the standard input) and writes start, term, unit, roll, due and \
                provisional, line by line.
                """)

        @Option(help: "The start day, or an instant such as 2026-11-24T09:30:00+08:00.") var start: String?
        @Option(help: "How many units the term has.") var term: Int?
        @Option(help: "day, workday, hour or workhour.") var unit = TermUnit.day.rawValue
        @Option(help: "When the last day is no working day: none or next-workday.") var roll = DueRoll.none.rawValue
        @Option(help: ArgumentHelp("A CSV file of many terms.", valueName: "file")) var batch: String?
        @Option(help: "The folder of the county's files; the sample county when left out.") var county: String?
        @Flag(help: "Print one line of JSON.") var json = false

        func run() throws {
            let calendar = try CalendarCommand.county(county).calendar()
            if let batch { return try TermTable(calendar: calendar).print(from: batch) }
            guard let start, let term else { throw CommandFailure("Name --start and --term, or a file of many with --batch.") }
            let question = try TermQuestion(start: start, term: String(term), unit: unit, roll: roll)
            let due = question.due(in: calendar)
            print(json ? DueReport.json(due, calendar).text : DueReport.text(due, calendar))
        }
    }
}

/// A term as somebody writes it down.
struct TermQuestion {
    enum Start {
        case date(LocalDate)
        case instant(Instant)
    }

    let start: Start
    let term: Term
    let roll: DueRoll

    /// Throws the sentence that says which part is wrong and how it is written.
    init(start: String, term: String, unit: String, roll: String) throws(CommandFailure) {
        if let date = LocalDate(start) {
            self.start = .date(date)
        } else if let instant = Instant(start) {
            self.start = .instant(instant)
        } else {
            throw CommandFailure("The start \"\(start.shown)\" is no date: write it like 2026-11-24, or 2026-11-24T09:30:00+08:00.")
        }
        guard let unit = TermUnit(rawValue: unit) else {
            throw CommandFailure(
                "There is no unit \"\(unit.shown)\": write one of \(TermUnit.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard let count = Int(term), (0...unit.longest).contains(count) else {
            throw CommandFailure("The term \"\(term.shown)\" is no number from 0 to \(unit.longest).")
        }
        guard let roll = DueRoll(rawValue: roll) else {
            throw CommandFailure("There is no roll \"\(roll.shown)\": write none or next-workday.")
        }
        self.term = Term(count, unit)
        self.roll = roll
    }

    func due(in calendar: CountyCalendar) -> DueDate {
        switch start {
        case .date(let date): calendar.due(from: date, term: term, roll: roll)
        case .instant(let instant): calendar.due(from: instant, term: term, roll: roll)
        }
    }
}

/// What `calendar due` says of one term.
enum DueReport {
    static func json(_ due: DueDate, _ calendar: CountyCalendar) -> JSONValue {
        .object([
            "due": .string(due.date.description), "at": .string(due.at.description), "provisional": .bool(due.isProvisional),
            "days": .array(DueExplanation(due, calendar: calendar).map(Self.day)),
        ])
    }

    private static func day(_ day: CountedDay) -> JSONValue {
        .object([
            "date": .string(day.date.description), "counted": .bool(day.isCounted),
            "ordinal": day.ordinal.map { .integer(Int64($0)) } ?? .null, "kind": .string(day.day.kind.rawValue),
            "reason": .object(["zh": .string(day.reason.zh), "en": .string(day.reason.en)]), "provisional": .bool(day.day.isProvisional),
        ])
    }

    static func text(_ due: DueDate, _ calendar: CountyCalendar) -> String {
        let mark = due.isProvisional ? " (provisional: the holiday notice of that year is not out)" : ""
        var lines = ["due \(due.date) \(due.date.weekday.name.en)\(mark)"]
        if due.term.unit == .hour || due.term.unit == .workhour { lines[0] = "due \(due.at)\(mark)" }
        for day in DueExplanation(due, calendar: calendar) {
            let ordinal = day.ordinal.map(String.init) ?? "-"
            let space = String(repeating: " ", count: max(1, 5 - ordinal.count))
            lines.append("\(space)\(ordinal)  \(day.date)  \(day.reason.zh) \(day.reason.en)\(day.day.isProvisional ? "?" : "")")
        }
        return lines.joined(separator: "\n")
    }
}

/// Many terms in a CSV file; a line that is wrong costs itself and no other.
struct TermTable {
    let calendar: CountyCalendar

    func print(from path: String) throws {
        let input = path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : try Self.bytes(path)
        var reader = CSVReader(Array(input))
        guard case .record(_, let header)? = reader.next() else { throw CommandFailure("\(path.shown) has no header line.") }
        var places: [String: Int] = [:]
        for (index, name) in header.enumerated() { places[name] = index }
        guard let start = places["start"], let term = places["term"], let unit = places["unit"], let roll = places["roll"] else {
            throw CommandFailure("\(path.shown) lacks a column: its first line names start, term, unit and roll.")
        }
        var (output, faults) = ("start,term,unit,roll,due,provisional\n", 0)
        while let item = reader.next() {
            do {
                guard case .record(_, let fields) = item else {
                    if case .fault(_, let reason) = item { throw CommandFailure(reason) }
                    continue
                }
                let question = try TermQuestion(start: fields[start], term: fields[term], unit: fields[unit], roll: fields[roll])
                let due = question.due(in: calendar)
                let inHours = due.term.unit == .hour || due.term.unit == .workhour
                output += "\(fields[start]),\(fields[term]),\(fields[unit]),\(fields[roll]),"
                output += "\(inHours ? due.at.description : due.date.description),\(due.isProvisional)\n"
            } catch {
                faults += 1
                FileHandle.standardError.write(Data("line \(item.line): \(error)\n".utf8))
            }
            if output.utf8.count > 1 << 16 {
                FileHandle.standardOutput.write(Data(output.utf8))
                output = ""
            }
        }
        FileHandle.standardOutput.write(Data(output.utf8))
        if faults > 0 { throw CommandFailure("\(faults) lines could not be read, see above.") }
    }

    private static func bytes(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("The file \(path.shown) cannot be read: name one that exists.")
        }
        return data
    }
}

extension CSVReader.Item {
    fileprivate var line: Int {
        switch self {
        case .record(let line, _), .fault(let line, _): line
        }
    }
}
