import Glibc
import Models
import Postgres
import PrivateServers

/// The least that any correct system of this shape must do, as the program `huiyin-floor` does it: rows like those that the house has
/// written, as many and as large, and messages like those that it has sent.
struct FloorRun: Sendable {
    /// What the house writes and says of a thousand cases, as the floor's program reads it.
    let shape: String

    /// How many rows a table had taken in up to now.
    typealias Counts = [String: Int]

    private static let services = ["intake", "routing", "deadline", "notification"]

    /// How many rows each table has taken in up to now; PostgreSQL tells it about a second late.
    static func counts(_ client: PostgresClient) async throws -> Counts {
        try await Task.sleep(for: .seconds(2))
        let rows = try await client.run(
            """
            SELECT schemaname || '.' || relname, n_tup_ins FROM pg_stat_user_tables WHERE schemaname = ANY(\(services)) AND n_tup_ins > 0
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.value(0), try $0.value(1)) })
    }

    /// Reads from the house what it wrote of `cases` cases since `before` was counted.
    init(of cases: Int, since before: Counts, _ client: PostgresClient) async throws {
        var lines: [String] = []
        for (table, count) in try await Self.counts(client).sorted(by: { $0.key < $1.key }) {
            let (rows, parts) = (count - before[table, default: 0], table.split(separator: ".").map(String.init))
            guard rows * 100 >= cases, parts.count == 2, let stage = Self.services.firstIndex(of: parts[0]) else { continue }
            let (schema, name) = (parts[0], parts[1])
            let facts = try await client.run(
                """
                SELECT coalesce((SELECT avg(pg_column_size(t.*)) FROM (SELECT * FROM \(identifier: schema).\(identifier: name) LIMIT 2000) AS t), 0)::bigint,
                    (SELECT count(*) FROM pg_index WHERE indrelid = (\(schema + "." + name)::text)::regclass)
                """)
            let (bytes, indexes): (Int, Int) = (try facts[0].value(0), try facts[0].value(1))
            let each = rows * 1000 / cases
            if schema == "intake", name.hasPrefix("ledger") {
                // Its first line is written with the case, the others when the case has been through the house.
                lines.append("table 0 1000 \(bytes) \(indexes) 1")
                lines.append("ledger \(max(0, each - 1000)) \(bytes) \(indexes)")
            } else if name == "outbox" {
                // What waits for the broker's confirm is a number, and gone a moment later.
                lines.append("table \(stage) \(each) 8 \(indexes) 0")
            } else {
                lines.append("table \(stage) \(each) \(max(0, bytes - 16)) \(indexes) 1")
            }
        }
        for (stage, service) in Self.services.enumerated() {
            let said: Int =
                try await client.run(
                    """
                    SELECT coalesce(sum(octet_length(event)), 0)::bigint FROM intake.ledger
                    WHERE convert_from(event, 'UTF8') LIKE \("%\"source\":\"\(service)\"%")
                        AND subject IN (SELECT subject FROM intake.registrations ORDER BY subject DESC LIMIT 1000)
                    """)[0].value(0)
            lines.append("message \(stage) \(said / 1000)")
        }
        shape = lines.joined(separator: "\n") + "\n"
    }

    /// Lets the floor's program do it for so many cases on servers; says how many seconds it took.
    func run(cases: Int, program: String, databaseURL: String, brokerURL: String, folder: String) async throws -> Double {
        let (shapeFile, answer) = ("\(folder)/floor.shape", "\(folder)/floor.txt")
        try FileTree.write(Array(shape.utf8), to: shapeFile, mode: 0o600)
        FileTree.remove(answer)
        let plan = LaunchPlan(
            executable: program, arguments: [String(cases), shapeFile],
            environment: ["FLOOR_DATABASE_URL": databaseURL, "FLOOR_BROKER_URL": brokerURL], parentDeathSignal: SIGKILL, logFile: answer)
        let process = try plan.start()
        let exit: ProcessExit
        do { exit = try await process.wait() } catch {
            process.signal(SIGKILL)
            throw error
        }
        let text = String(decoding: FileTree.read(answer) ?? [], as: UTF8.self)
        guard exit == .exited(code: 0), let line = text.split(separator: "\n").last, let json = try? JSONValue(parsing: Array(line.utf8)),
            let seconds = json["seconds"].flatMap({ Double($0.plain) })
        else { throw CommandFailure("The floor could not be measured: \(text.shown)") }
        return seconds
    }
}
