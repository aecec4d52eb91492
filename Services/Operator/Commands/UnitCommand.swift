import ArgumentParser
import Models
import NIOHTTP1
import ServiceKit

/// Shows how much work units have; moves open cases, clocks and all, to the successor of a unit that is merged, split or abolished
/// (Article 24).
struct UnitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unit",
        abstract:
            "Show how much work units have; move the cases of a unit that is merged, split or abolished to its successor (Article 24).",
        subcommands: [Load.self, Merge.self, Split.self, Abolish.self])

    struct Options: ParsableArguments {
        @Flag(help: "Do it; without this the command only says what it would do.") var yes = false
        @Option(help: ArgumentHelp("The day from which the successor has the duties; today when left out.", valueName: "yyyy-mm-dd"))
        var on: String?

        /// The day that was named; nil for today.
        func day() throws -> LocalDate? {
            guard let on else { return nil }
            guard let day = LocalDate(on) else { throw CommandFailure("--on \(on.shown) is no date: write it like 2026-11-24.") }
            return day
        }
    }

    struct Merge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Merge a unit into another, which takes over its open cases.")

        @Argument(help: "The code of the unit that ends.") var unit: String
        @Option(help: "The code of the unit that takes over.") var into: String
        @OptionGroup var options: Options

        func run() async throws { try await UnitCommand.move(unit, [(into, [])], options) }
    }

    struct Abolish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Abolish a unit; the unit that it answers to, or the one that is named, takes over its open cases.")

        @Argument(help: "The code of the unit that ends.") var unit: String
        @Option(help: "The code of the unit that takes over; the one above when it is left out.") var into: String?
        @OptionGroup var options: Options

        func run() async throws {
            let heir: String
            if let into { heir = into } else { heir = try await UnitCommand.superior(of: unit) }
            try await UnitCommand.move(unit, [(heir, [])], options)
        }
    }

    struct Split: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Split a unit: the cases of some regions go to some units, the rest to the first that is named without any.")

        @Argument(help: "The code of the unit that ends.") var unit: String
        @Option(
            help: ArgumentHelp(
                "A unit that takes over, with the regions whose cases it gets: --into north=linxi,qinghe; one without regions gets the rest.",
                valueName: "unit[=region,…]")) var into: [String]
        @OptionGroup var options: Options

        func run() async throws {
            let heirs = into.map { text -> (String, [String]) in
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                return (parts.first ?? "", parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : [])
            }
            guard heirs.count > 1, heirs.count(where: { $0.1.isEmpty }) == 1 else {
                throw CommandFailure("Name two units or more with --into, exactly one of them without regions: it gets what is left.")
            }
            // Those with regions take theirs first.
            try await UnitCommand.move(unit, heirs.filter { !$0.1.isEmpty } + heirs.filter { $0.1.isEmpty }, options)
        }
    }

    private static func definition(_ intake: IntakeClient) async throws -> CountyDefinition {
        let reply: IntakeClient.Reply
        do { reply = try await intake.ask(.GET, "/v1/county/definition") } catch { throw intake.silence }
        guard reply.status == 200 else { throw CommandFailure(reply.problem) }
        return try CountyDefinition(canonicalJSON: reply.body)
    }

    private static func superior(of unit: String) async throws -> String {
        try await IntakeClient.with { intake in
            guard let found = try await definition(intake).units.first(where: { $0.code.text == unit }) else {
                throw CommandFailure("The county in force has no unit \"\(unit.shown)\".")
            }
            guard let parent = found.parent else {
                throw CommandFailure("\(unit.shown) answers to no unit: name its successor with --into.")
            }
            return parent.text
        }
    }

    /// Writes the successor into the county in force, then moves the cases; or says how many there are.
    private static func move(_ unit: String, _ heirs: [(unit: String, regions: [String])], _ options: Options) async throws {
        let (isDone, day) = (options.yes, try options.day())
        let routing = try ServiceDoor.address("routing")
        try await IntakeClient.with { intake in
            var definition = try await definition(intake)
            let version = try definition.version()
            var ended: LocalDate?
            for code in [unit] + heirs.map(\.unit) where !definition.units.contains(where: { $0.code.text == code }) {
                throw CommandFailure("The county in force has no unit \"\(code.shown)\": apply the county's files with it first.")
            }
            if let heir = heirs.first(where: { $0.unit == unit }) {
                throw CommandFailure("\(heir.unit) cannot take over from itself: name another unit.")
            }
            if isDone, let index = definition.units.firstIndex(where: { $0.code.text == unit }), let last = heirs.last {
                let others = heirs.dropLast().compactMap { UnitCode($0.unit) }.filter { $0.text != last.unit }
                let isNew = definition.units[index].successor == nil
                definition.units[index].successor = UnitCode(last.unit)
                definition.units[index].heirs = others.isEmpty ? nil : others
                // One that ended before is not given a day that it did not end on.
                ended = day ?? definition.units[index].ended ?? (isNew ? definition.offsets.date(at: SystemTime.now) : nil)
                definition.units[index].ended = ended
                _ = try await intake.need(.PUT, "/v1/county", body: try definition.canonicalJSON(), version: version)
            }
            var refusals = 0
            for heir in heirs {
                var (count, after): (Int64, JSONValue) = (0, .null)
                repeat {
                    let body = JSONValue.object([
                        "to": .string(heir.unit), "regions": .array(heir.regions.map { .string($0) }), "after": after,
                        "dryRun": .bool(!isDone),
                    ])
                    let page = try await move(page: body, of: unit, at: routing, intake)
                    if case .integer(let moved)? = page["cases"] { count += moved }
                    for refused in page["refused"]?.elements ?? [] {
                        print("not moved: case \(refused.shown("case")), \(refused.shown("reason"))")
                        refusals += 1
                    }
                    after = page["next"] ?? .null
                } while after != .null
                print("\(isDone ? "moved" : "would move") \(count) open cases of \(unit) to \(heir.unit)")
            }
            if isDone {
                let others = heirs.dropLast().map(\.unit).joined(separator: ", ")
                let lines =
                    ["successor: \(heirs.last?.unit ?? "")", ended.map { "ended: \($0)" } ?? ""]
                    + (others.isEmpty ? [] : ["heirs: [\(others)]"])
                print(
                    "\(unit) has no duties any more; write \"\(lines.filter { !$0.isEmpty }.joined(separator: ", "))\" into units.yaml as well"
                )
                if refusals > 0 {
                    throw CommandFailure(
                        "\(refusals) cases could not be moved, see above; mend what the reasons name, then run this again.")
                }
            } else {
                print("nothing was changed; add --yes to do it")
            }
        }
    }

    private static func move(page body: JSONValue, of unit: String, at routing: String, _ intake: IntakeClient) async throws -> JSONValue {
        let desk = IntakeClient(address: routing, token: intake.token, client: intake.client)
        // Routing may not have heard yet of the county version that names the successor.
        for _ in 0..<50 {
            let reply: IntakeClient.Reply
            do { reply = try await desk.ask(.POST, "/v1/units/\(unit)/succession", body: body.canonical) } catch {
                throw CommandFailure("Routing at \(routing) gave no answer: look at `./huiyin status`.")
            }
            if reply.status == 200, let json = reply.json { return json }
            if reply.status != 503 { throw CommandFailure(reply.problem) }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw CommandFailure("Routing cannot do it now: look at `./huiyin status`, then run the command again.")
    }
}
