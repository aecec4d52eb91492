import ArgumentParser
import Models

/// Measures how fast due dates are counted.
struct CalendarBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Measure how fast due dates are counted by a county's calendar.")

    @Option(help: "How many due dates are counted.") var count = 10_000_000
    @Option(help: "The folder of the county's files.") var county: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        guard (1...1_000_000_000).contains(count) else { throw ValidationError("Count from 1 to 1000000000 dates.") }
        let calendar = try BenchCommand.county(county).calendar()
        let least = try await FloorRun.dueDate(of: count, programs: try House.programs(Environment.current))
        // Every unit and both rolls, from every day of three years, with terms of up to two months.
        var terms: [(Term, DueRoll)] = []
        for count in stride(from: 1, through: 60, by: 7) {
            for unit in [TermUnit.day, .workday, .hour, .workhour] { terms.append((Term(count, unit), DueRoll.none)) }
            for unit in [TermUnit.day, .workday] { terms.append((Term(count, unit), DueRoll.nextWorkday)) }
        }
        let first = Instant(microseconds: 1_735_689_600_000_000)
        var days = 0
        let took = ContinuousClock().measure {
            for index in 0..<count {
                let (term, roll) = terms[index % terms.count]
                // A number prime to the rest takes the starts through all hours and days.
                let start = first + .seconds(Int64(index) &* 7919 % 94_608_000)
                days &+= calendar.due(from: start, term: term, roll: roll).date.dayNumber
            }
        }
        let each = took / .nanoseconds(count)
        var result = BenchFigures()
        result.add("dueDates", count)
        result.add("seconds", took / .seconds(1))
        result.add("nanosecondsEach", each)
        result.add("sum", days)
        result.add("floorNanosecondsEach", least)
        result.add("floorRatio", least / each)
        print(json ? result.json : result.text)
    }
}
