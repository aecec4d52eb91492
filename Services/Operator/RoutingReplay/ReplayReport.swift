import Models

/// What a replay of routing came to, for a person or for a program.
struct ReplayReport {
    let replay: RoutingReplay
    let since: LocalDate
    /// The version of the county that was tried.
    let county: String
    /// The version of the topic model that was asked; nil for none.
    let model: String?
    /// How many confidential cases were left out.
    let confidential: Int
    /// Whether each case that would have gone elsewhere is listed.
    let listsCases: Bool

    var json: JSONValue {
        func moves(_ moves: [RoutingReplay.Move: Int]) -> JSONValue {
            .array(
                Self.sorted(moves).map { move, count in
                    .object(["from": Self.text(move.from), "to": Self.text(move.to), "count": .integer(Int64(count))])
                })
        }
        var members: [String: JSONValue] = [
            "since": .string(since.description), "county": .string(county), "model": Self.text(model), "cases": Self.number(replay.cases),
            "confidential": Self.number(confidential), "settledOnTheSpot": Self.number(replay.settled),
            "unassigned": Self.number(replay.unassigned), "newlyConfidential": Self.number(replay.newlyConfidential),
            "leads": .object(["changed": Self.number(replay.changed), "moves": moves(replay.leads)]),
            "topics": .object(["changed": Self.number(replay.topics.values.reduce(0, +)), "moves": moves(replay.topics)]),
            "handled": .object([
                "cases": Self.number(replay.hits.cases), "rightThen": Self.number(replay.hits.then),
                "rightNow": Self.number(replay.hits.now), "rightBoth": Self.number(replay.hits.both),
            ]),
            "units": .array(
                units.map { unit in
                    .object([
                        "unit": .string(unit.text), "before": Self.number(replay.before[unit] ?? 0),
                        "after": Self.number(replay.after[unit] ?? 0),
                    ])
                }),
        ]
        if listsCases {
            members["changes"] = .array(
                replay.changes.map { change in
                    .object([
                        "number": .string(change.number), "from": .string(change.from.text), "to": .string(change.to.text),
                        "rule": Self.text(change.rule?.text),
                    ])
                })
        }
        return .object(members)
    }

    var text: String {
        let hits = replay.hits
        var lines = [
            "\(replay.cases) cases since \(since), by county \(county)\(model.map { " and topic model \($0)" } ?? "")",
            "left out: \(confidential) confidential, \(replay.settled) settled on the spot, \(replay.unassigned) not assigned yet",
            "another lead unit: \(Self.share(replay.changed, of: replay.cases))",
            "another topic: \(Self.share(replay.topics.values.reduce(0, +), of: replay.cases))",
            "of \(hits.cases) answered or closed cases the first unit is the one that handled it: "
                + "then \(Self.share(hits.then, of: hits.cases)), now \(Self.share(hits.now, of: hits.cases)), both \(Self.share(hits.both, of: hits.cases))",
        ]
        if replay.newlyConfidential > 0 { lines.append("kept confidential from now on: \(replay.newlyConfidential)") }
        func add(_ title: String, _ rows: [[String]]) {
            if rows.count > 1 { lines += ["", title] + Console.table(rows) }
        }
        func rows(_ moves: [RoutingReplay.Move: Int]) -> [[String]] {
            [["from", "to", "cases"]] + Self.sorted(moves).map { [$0.0.from ?? "-", $0.0.to ?? "-", String($0.1)] }
        }
        add("Who would have got them", rows(replay.leads))
        add("What they would have been about", rows(replay.topics))
        add(
            "How many cases each unit gets first",
            [["unit", "before", "after"]]
                + units.map { [$0.text, String(replay.before[$0] ?? 0), String(replay.after[$0] ?? 0)] })
        if listsCases {
            add(
                "Cases that would have gone elsewhere",
                [["case", "from", "to", "rule"]]
                    + replay.changes.map { [$0.number.shown, $0.from.text, $0.to.text, $0.rule?.text ?? "-"] })
        }
        return lines.joined(separator: "\n")
    }

    /// The units that get cases, those with most of them after the change first.
    private var units: [UnitCode] {
        Set(replay.before.keys).union(replay.after.keys).sorted {
            let (left, right) = (replay.after[$0] ?? 0, replay.after[$1] ?? 0)
            return left != right ? left > right : $0 < $1
        }
    }

    /// The most frequent first.
    private static func sorted(_ moves: [RoutingReplay.Move: Int]) -> [(RoutingReplay.Move, Int)] {
        moves.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    private static func number(_ number: Int) -> JSONValue { .integer(Int64(number)) }

    private static func share(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "\(part)" : "\(part) (\(TopicReport.rounded(100 * Double(part) / Double(whole), 1)) %)"
    }
}
