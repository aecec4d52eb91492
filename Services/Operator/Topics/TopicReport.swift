import Models
import Routing

/// The figures of a topic model, for a person or for a program.
struct TopicReport {
    let evaluation: TopicEvaluation
    /// How long training and trying took.
    let seconds: Double

    var json: JSONValue {
        let topics = evaluation.topics.map { topic in
            JSONValue.object([
                "topic": .string(topic.name), "precision": .double(topic.precision), "recall": .double(topic.recall),
                "f1": .double(topic.f1), "support": .integer(Int64(topic.support)),
            ])
        }
        return .object([
            "accuracy": .double(evaluation.accuracy), "macroF1": .double(evaluation.macroF1),
            "coverageAt98": .double(evaluation.coverageAt98), "topics": .array(topics),
            "confusion": .object(
                evaluation.confusion.mapValues { row in .object(row.mapValues { .integer(Int64($0)) }) }),
            "examples": .integer(Int64(evaluation.examples)), "seconds": .double((seconds * 1000).rounded() / 1000),
        ])
    }

    var text: String {
        var lines = [
            "examples      \(evaluation.examples)", "seconds       \(Self.rounded(seconds, 1))",
            "accuracy      \(Self.rounded(evaluation.accuracy))", "macroF1       \(Self.rounded(evaluation.macroF1))",
            "coverageAt98  \(Self.rounded(evaluation.coverageAt98))", "",
        ]
        lines += Self.table(
            [["topic", "precision", "recall", "f1", "support"]]
                + evaluation.topics.map { topic in
                    [
                        topic.name.shown, Self.rounded(topic.precision), Self.rounded(topic.recall), Self.rounded(topic.f1),
                        String(topic.support),
                    ]
                })
        let names = evaluation.topics.map(\.name)
        lines += ["", "confusion (a row is the topic that messages have, a column the topic that they were given)"]
        lines += Self.table(
            [[""] + names.map(\.shown)]
                + names.map { truth in [truth.shown] + names.map { String(evaluation.confusion[truth]?[$0] ?? 0) } })
        return lines.joined(separator: "\n")
    }

    /// A number with so many places behind the point.
    static func rounded(_ number: Double, _ places: Int = 4) -> String {
        var unit = 1
        for _ in 0..<places { unit *= 10 }
        let steps = Int((number * Double(unit)).rounded())
        let fraction = String(steps.magnitude % UInt(unit))
        let zeros = String(repeating: "0", count: places - fraction.count)
        return "\(steps < 0 ? "-" : "")\(steps.magnitude / UInt(unit)).\(zeros)\(fraction)"
    }

    /// Rows as lines, the first column flush left and the others flush right.
    private static func table(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { width(of: $0[column]) }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - width(of: row[column]))
                return column == 0 ? row[column] + space : space + row[column]
            }.joined(separator: "  ")
        }
    }

    /// How many columns of a terminal a text takes: Chinese characters take two.
    private static func width(of text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x1100 ? 2 : 1) } }
}
