import ArgumentParser
import Foundation
import Models

extension CalendarCommand {
    /// Writes a year's file of a county from an iCalendar feed of holidays.
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write calendars/YEAR.yaml from an iCalendar file (RFC 5545) of holidays and make-up working days.",
            discussion: """
                An entry of whole days is a holiday, or a make-up working day (调休上班) when its text says 班, 补班, 上班 or "workday". \
                Entries with a time of day and those of other years are passed over and named. The notice's title is yours to add.
                """)

        @Argument(help: "The iCalendar file.") var file: String
        @Option(help: "The year.") var year: Int

        func run() throws {
            guard let data = FileManager.default.contents(atPath: file), let text = String(data: data, encoding: .utf8) else {
                throw CommandFailure("The file \(file.shown) cannot be read, or is not UTF-8 text.")
            }
            let found = try ICalendarReader.days(in: text)
            let sheet = HolidaySheet(found, year: year)
            for note in sheet.passedOver { FileHandle.standardError.write(Data("passed over: \(note.shown)\n".utf8)) }
            guard !sheet.holidays.isEmpty else { throw CommandFailure("\(file.shown) has no holiday of whole days in \(year).") }
            print(sheet.yaml, terminator: "")
        }
    }
}

/// Entries of whole days in an iCalendar file.
enum ICalendarReader {
    struct Entry: Equatable {
        var summary: String
        /// Nil for an entry with a time of day.
        var days: ClosedRange<LocalDate>?
    }

    /// Throws the sentence that says in which line the file is no iCalendar.
    static func days(in text: String) throws(CommandFailure) -> [Entry] {
        var entries: [Entry] = []
        var current: [String: String]?
        for (number, line) in unfolded(text) {
            guard let colon = line.firstIndex(of: ":") else {
                throw CommandFailure("line \(number): an iCalendar line has the form NAME:value.")
            }
            // Parameters, such as VALUE=DATE, stand behind the name; whether it is a date its form tells.
            let name = line[..<colon].split(separator: ";").first.map { $0.uppercased() } ?? ""
            let value = String(line[line.index(after: colon)...])
            switch (name, value.uppercased()) {
            case ("BEGIN", "VEVENT"): current = [:]
            case ("END", "VEVENT"):
                guard let fields = current else { throw CommandFailure("line \(number): an entry ends that has not begun.") }
                entries.append(try entry(fields, number))
                current = nil
            default: current?[name] = value
            }
        }
        if current != nil { throw CommandFailure("The last entry of the file does not end.") }
        return entries
    }

    private static func entry(_ fields: [String: String], _ number: Int) throws(CommandFailure) -> Entry {
        let summary = plain(fields["SUMMARY"] ?? "")
        guard let start = fields["DTSTART"] else { throw CommandFailure("line \(number): the entry before it has no DTSTART.") }
        if start.contains("T") { return Entry(summary: summary, days: nil) }
        guard let first = date(start) else { throw CommandFailure("line \(number): \"\(start.shown)\" is no date of the form 20260101.") }
        // The end is the day after the last (RFC 5545, section 3.6.1).
        guard let end = fields["DTEND"] else { return Entry(summary: summary, days: first...first) }
        guard let behind = date(end), behind > first else {
            throw CommandFailure("line \(number): the entry ends on \"\(end.shown)\", which is no date after its first.")
        }
        return Entry(summary: summary, days: first...(behind - 1))
    }

    private static func date(_ text: String) -> LocalDate? {
        guard text.utf8.count == 8, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return LocalDate("\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))")
    }

    /// Lines with their numbers; a line that begins with a space goes on the one before.
    private static func unfolded(_ text: String) -> [(Int, String)] {
        var lines: [(Int, String)] = []
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if raw.first == " " || raw.first == "\t", !lines.isEmpty {
                lines[lines.count - 1].1 += raw.dropFirst()
            } else if !raw.isEmpty {
                lines.append((index + 1, String(raw)))
            }
        }
        return lines
    }

    private static func plain(_ text: String) -> String {
        var (result, isEscaped) = ("", false)
        for character in text {
            if isEscaped {
                result.append(character == "n" || character == "N" ? " " : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}

/// A year's holidays and make-up days as a county's file.
struct HolidaySheet {
    private(set) var holidays: [(name: String, days: ClosedRange<LocalDate>)] = []
    private(set) var makeUpDays: [LocalDate] = []
    /// Entries that say nothing of the year's working days, each with why.
    private(set) var passedOver: [String] = []
    private let year: Int

    init(_ entries: [ICalendarReader.Entry], year: Int) {
        self.year = year
        var named: [(String, ClosedRange<LocalDate>)] = []
        for entry in entries {
            guard let days = entry.days else {
                passedOver.append("\(entry.summary), which has a time of day")
                continue
            }
            // Days of December belong to the notice of the year that they bring in.
            guard days.upperBound.year == year || days.lowerBound.year == year else {
                passedOver.append("\(entry.summary) of \(days.lowerBound), which is another year's")
                continue
            }
            if Self.isWorked(entry.summary) {
                makeUpDays += (days.lowerBound.dayNumber...days.upperBound.dayNumber).map(LocalDate.init(dayNumber:))
            } else {
                named.append((Self.name(entry.summary), days))
            }
        }
        makeUpDays = Set(makeUpDays).sorted()
        // Feeds often have an entry for each day of a run.
        for (name, days) in named.sorted(by: { ($0.1.lowerBound, $0.0) < ($1.1.lowerBound, $1.0) }) {
            if let last = holidays.last, last.name == name, days.lowerBound <= last.days.upperBound + 1 {
                holidays[holidays.count - 1].days = last.days.lowerBound...max(last.days.upperBound, days.upperBound)
            } else {
                holidays.append((name, days))
            }
        }
    }

    private static func isWorked(_ summary: String) -> Bool {
        let lower = summary.lowercased()
        return ["补班", "上班", "（班）", "(班)", "workday", "work day", "make-up"].contains { lower.contains($0) } || summary.hasSuffix("班")
    }

    private static func name(_ summary: String) -> String {
        var name = summary
        for mark in ["（休）", "(休)", "假期", "放假"] { name = name.replacingOccurrences(of: mark, with: "") }
        return name.trimmingCharacters(in: .whitespaces)
    }

    /// The file's text; names stand in both languages as they were found.
    var yaml: String {
        func quoted(_ text: String) -> String {
            "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
        }
        var lines = ["year: \(year)", "published: true", "notice: \"\" # the title of the notice that it follows", "holidays:"]
        for (name, days) in holidays {
            let span = days.lowerBound == days.upperBound ? "\(days.lowerBound)" : "\(days.lowerBound)..\(days.upperBound)"
            lines.append("  - {name: {zh: \(quoted(name)), en: \(quoted(name))}, days: \(span)}")
        }
        lines.append("make-up: [\(makeUpDays.map(\.description).joined(separator: ", "))]")
        return lines.joined(separator: "\n") + "\n"
    }
}
