import FoundationEssentials

/// The table of `status`: one line per process, with the counts of its service beside the first.
struct StatusReport: Sendable {
    let lines: [String]
    /// Every process is ready and no dead letter waits.
    let isWell: Bool

    /// Asks every service process for its version and the hook for the counts; what cannot be learnt is a dash.
    static func make(board: Board, rows: () async throws -> [String: StatusRow]) async -> StatusReport {
        var counts: [String: StatusRow] = [:]
        var note: String?
        do {
            counts = try await rows()
        } catch {
            note = "The counts could not be read: \(error)"
        }
        var versions: [String: String] = [:]
        for row in board.rows where HouseSettings.services.contains(service(of: row.name)) {
            guard let address = row.address, let answer = await Loopback(address)?.get("/version") else { continue }
            versions[row.name] = version(in: answer.body)
        }
        return StatusReport(board: board, counts: counts, versions: versions, note: note)
    }

    init(board: Board, counts: [String: StatusRow], versions: [String: String], note: String?) {
        var table = [["process", "state", "pid", "address", "version", "restarts", "queue", "outbox", "held", "dead letters"]]
        for row in board.rows {
            // Counts belong to the service, not to each of its processes.
            let count = counts[row.name]
            func cell(_ number: Int?) -> String { number.map(String.init) ?? "-" }
            table.append([
                row.name, row.state, row.pid.map { "\($0)" } ?? "-", row.address ?? "-", versions[row.name] ?? "-", "\(row.restarts)",
                cell(count?.queued), cell(count?.outbox), cell(count?.held), cell(count?.deadLetters),
            ])
        }
        let dead = counts.values.reduce(0) { $0 + $1.deadLetters }
        var lines = Console.table(table)
        if board.phase != .ready { lines.append("The house is \(board.phase.rawValue).") }
        if dead > 0 { lines.append("\(dead) dead letters wait for somebody: see `./huiyin dead list`.") }
        if let note { lines.append(note) }
        self.lines = lines
        isWell = board.phase == .ready && board.rows.allSatisfy { $0.state == "ready" } && dead == 0 && note == nil
    }

    private static func service(of process: String) -> String {
        String(process.prefix { $0 != "-" })
    }

    /// The member `version` of the answer of `/version`.
    static func version(in body: [UInt8]) -> String? {
        struct Answer: Decodable { var version: String }
        guard let start = body.firstIndex(of: UInt8(ascii: "{")), let end = body.lastIndex(of: UInt8(ascii: "}")), start < end else {
            return nil
        }
        return (try? JSONDecoder().decode(Answer.self, from: Data(body[start...end])))?.version
    }
}
