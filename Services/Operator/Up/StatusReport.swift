import FoundationEssentials

/// The table of `status`: one line per process, with the counts of its service beside the first.
struct StatusReport: Sendable {
    let lines: [String]
    /// Every process is ready and says so, all counts could be read and no dead letter waits.
    let isWell: Bool

    /// What a service process says of itself now; the board only knows that it became ready once.
    enum Word: Sendable, Equatable {
        case ready
        /// Not ready, with the names of the checks that fail.
        case unready([String])
        /// No answer: hung, frozen or just gone.
        case silent

        fileprivate var text: String {
            switch self {
            case .ready: "ready"
            case .unready(let checks): "not ready" + (checks.isEmpty ? "" : ": " + checks.joined(separator: ", "))
            case .silent: "no answer"
            }
        }
    }

    /// Asks every service process for its readiness and version and the hook for the counts; what cannot be learnt is a dash.
    static func make(board: Board, rows: () async throws -> [String: StatusRow]) async -> StatusReport {
        let answers = await withTaskGroup(of: (name: String, word: Word, version: String?).self) { group in
            for row in board.rows where HouseSettings.services.contains(service(of: row.name)) {
                guard row.state == "ready", let address = row.address, let door = Loopback(address) else { continue }
                group.addTask {
                    // The service gives its own checks two seconds.
                    let word = Self.word(from: await door.get("/readyz", within: .seconds(4)))
                    let version = word == .silent ? nil : await door.get("/version").flatMap { Self.version(in: $0.body) }
                    return (row.name, word, version)
                }
            }
            var answers: [(name: String, word: Word, version: String?)] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
        var (words, versions): ([String: Word], [String: String]) = ([:], [:])
        for answer in answers {
            words[answer.name] = answer.word
            versions[answer.name] = answer.version
        }
        var counts: [String: StatusRow] = [:]
        var notes: [String] = []
        do {
            counts = try await rows()
            if counts.values.contains(where: { $0.queued == nil }) {
                notes.append("The queues could not be counted: RabbitMQ gives no answer, or a queue is missing.")
            }
        } catch {
            notes.append("The counts could not be read: \(error)")
        }
        return StatusReport(board: board, counts: counts, words: words, versions: versions, notes: notes)
    }

    init(board: Board, counts: [String: StatusRow], words: [String: Word], versions: [String: String], notes: [String]) {
        var table = [["process", "state", "pid", "address", "version", "restarts", "queue", "outbox", "held", "dead letters"]]
        for row in board.rows {
            // Counts belong to the service, not to each of its processes.
            let count = counts[row.name]
            func cell(_ number: Int?) -> String { number.map(String.init) ?? "-" }
            table.append([
                row.name, words[row.name]?.text ?? row.state, row.pid.map { "\($0)" } ?? "-", row.address ?? "-", versions[row.name] ?? "-",
                "\(row.restarts)", cell(count?.queued), cell(count?.outbox), cell(count?.held), cell(count?.deadLetters),
            ])
        }
        let dead = counts.values.reduce(0) { $0 + $1.deadLetters }
        var lines = Console.table(table)
        if board.phase != .ready { lines.append("The house is \(board.phase.rawValue).") }
        if dead > 0 { lines.append("\(dead) dead letters wait for somebody: see `./huiyin dead list`.") }
        let failed = counts.values.reduce(0) { $0 + $1.failedNotices }
        if failed > 0 { lines.append("\(failed) notices could not be delivered: see `./huiyin notice list`.") }
        self.lines = lines + notes
        let isReady = board.phase == .ready && board.rows.allSatisfy { $0.state == "ready" }
        isWell = isReady && words.values.allSatisfy { $0 == .ready } && dead == 0 && notes.isEmpty
    }

    private static func service(of process: String) -> String {
        String(process.prefix { $0 != "-" })
    }

    /// What an answer of `/readyz` means.
    static func word(from answer: Loopback.Answer?) -> Word {
        struct Report: Decodable {
            struct Check: Decodable { var name, status: String }
            var checks: [Check]
        }
        guard let answer else { return .silent }
        if answer.status == 200 { return .ready }
        let checks = document(Report.self, in: answer.body)?.checks ?? []
        return .unready(checks.filter { $0.status != "passing" }.map(\.name))
    }

    /// The member `version` of the answer of `/version`.
    static func version(in body: [UInt8]) -> String? {
        struct Answer: Decodable { var version: String }
        return document(Answer.self, in: body)?.version
    }

    /// The JSON object in a body, which may have chunk marks around it.
    private static func document<Document: Decodable>(_ type: Document.Type, in body: [UInt8]) -> Document? {
        guard let start = body.firstIndex(of: UInt8(ascii: "{")), let end = body.lastIndex(of: UInt8(ascii: "}")), start < end else {
            return nil
        }
        return try? JSONDecoder().decode(type, from: Data(body[start...end]))
    }
}
