import Models
import Testing

/// A case's ledger as somebody who may see it gets it: what came of each service, in the order of its lines.
struct CaseLedger: Sendable {
    struct Line: Sendable {
        var position: Int
        var source: String
        var sequence: Int
        var type: String
        var data: JSONValue
    }

    let lines: [Line]

    /// Nil for what is no ledger.
    init?(_ document: JSONValue?) {
        guard case .array(let lines)? = document?["lines"] else { return nil }
        self.lines = lines.map { line in
            let event = line["event"]
            return Line(
                position: line["position"]?.number ?? 0, source: event?["source"]?.string ?? "",
                sequence: event?["sequence"]?.number ?? event?["sequence"]?.string.flatMap { Int($0) } ?? 0,
                type: event?["type"]?.string ?? "", data: event?["data"] ?? .null)
        }
    }

    /// What people did and what became of the case by itself, whichever of intake and routing stated it.
    var steps: [String] { lines.filter { Self.deciding.contains($0.source) }.map(\.type) }

    /// What became of the clocks: `started handle`.
    var clocks: [String] { lines.filter { $0.source == "deadline" }.map { "\($0.type.dropFirst(6)) \($0.data["clock"]?.string ?? "")" } }

    /// The notices that came to their end, sorted: they travel side by side. `delivered answered petitioner`
    var notices: [String] {
        lines.filter { $0.source == "notification" }.map { line in
            "\(line.type.dropFirst(7)) \(line.data["template"]?.string ?? "") \(line.data["recipient"]?.string ?? "")"
        }.sorted()
    }

    /// Whether its positions, and the sequences of each source, count from 1 without a gap.
    var isLinear: Bool {
        lines.map(\.position) == Array(1...max(lines.count, 1))
            && Dictionary(grouping: lines, by: \.source).values.allSatisfy { $0.map(\.sequence) == Array(1...$0.count) }
    }

    private static let deciding: Set<String> = ["intake", "routing"]
}

extension StaffDesk {
    func caseLedger(of found: Case, by person: Person = .dispatcher) async throws -> CaseLedger {
        let reply = try await get("/v1/cases/\(found.id)/ledger", at: .intake, by: person)
        return try #require(CaseLedger(reply.json), "\(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
    }
}
