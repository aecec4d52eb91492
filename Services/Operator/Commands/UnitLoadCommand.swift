import ArgumentParser
import Models

extension UnitCommand {
    /// Shows how much work units have and had, as routing counts it.
    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how much work units have, what they received and gave away, and how soon they accept.",
            discussion: """
                Open are the cases that a unit leads, helping its parts in those of others. Received, given and accepted are of the last 90 \
                days; the median is the time from the assignment to the acceptance. Confidential cases are not counted.
                """)

        @Flag(help: "Print one line of JSON.") var json = false

        func run() async throws {
            let answer = try await ServiceDoor.get("/v1/units/load", of: "routing")
            print(json ? answer.text : Self.text(answer))
        }

        /// The units as a table, those with most open cases first.
        static func text(_ answer: JSONValue) -> String {
            func number(_ unit: JSONValue, _ name: String) -> Int64 { if case .integer(let number)? = unit[name] { number } else { 0 } }
            let units = (answer["units"]?.elements ?? []).sorted { number($0, "open") > number($1, "open") }
            let rows = units.map { unit in
                [unit.shown("unit")] + ["open", "helping", "received", "given", "accepted"].map { unit.shown($0) }
                    + [unit["medianSeconds"] == .null ? "-" : duration(number(unit, "medianSeconds"))]
            }
            return Console.table([["unit", "open", "helping", "received", "given", "accepted", "median"]] + rows).joined(separator: "\n")
        }

        /// Seconds in the largest two units that fit: `2 d 3 h`, `5 h 0 min`, `45 s`.
        static func duration(_ seconds: Int64) -> String {
            if seconds >= 86_400 { return "\(seconds / 86_400) d \(seconds / 3600 % 24) h" }
            if seconds >= 3600 { return "\(seconds / 3600) h \(seconds / 60 % 60) min" }
            if seconds >= 60 { return "\(seconds / 60) min \(seconds % 60) s" }
            return "\(seconds) s"
        }
    }
}
