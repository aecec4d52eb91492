import CaseFlow
import Glibc
import Models
import Postgres
import PrivateServers

/// The least that any correct system of this shape must do, as the program `huiyin-floor` does it: rows like those that the house has
/// written, as many and as large, and messages like those that it has sent.
struct FloorRun: Sendable {
    /// What the house writes and says of a thousand cases, as the floor's program reads it.
    let shape: String

    /// How many rows each table had taken in up to some moment.
    struct Counts {
        fileprivate var rows: [String: Int] = [:]
        /// Whether a row counts each time that it was changed, too.
        fileprivate var withChanges = false
    }

    private static let services = ["intake", "routing", "deadline", "notification"]

    /// How many rows each table has taken in up to now, and if asked how often one was changed.
    static func counts(_ client: PostgresClient, withChanges: Bool = false) async throws -> Counts {
        // A session that rests tells what it has done ten seconds later at most.
        try await Task.sleep(for: .seconds(11))
        let rows = try await client.run(
            """
            SELECT schemaname || '.' || relname, n_tup_ins + CASE WHEN \(withChanges) THEN n_tup_upd ELSE 0 END
            FROM pg_stat_user_tables WHERE schemaname = ANY(\(services)) AND n_tup_ins > 0
            """)
        return Counts(rows: try Dictionary(uniqueKeysWithValues: rows.map { (try $0.value(0), try $0.value(1)) }), withChanges: withChanges)
    }

    /// Reads from the house what it wrote of `cases` cases since `before` was counted.
    init(of cases: Int, since before: Counts = Counts(), _ client: PostgresClient) async throws {
        var lines: [String] = []
        let now = try await Self.counts(client, withChanges: before.withChanges).rows
        for (table, count) in now.sorted(by: { $0.key < $1.key }) {
            let (rows, parts) = (count - before.rows[table, default: 0], table.split(separator: ".").map(String.init))
            guard parts.count == 2, let stage = Self.services.firstIndex(of: parts[0]) else { continue }
            let (schema, name) = (parts[0], parts[1])
            // A message holds many cases; whatever else has a row for fewer than one case of a hundred is left out.
            guard rows * 100 >= cases || rows > 0 && ["bundles", "outbox"].contains(name) else { continue }
            let facts = try await client.run(
                """
                SELECT coalesce((SELECT avg(pg_column_size(t.*)) FROM (SELECT * FROM \(identifier: schema).\(identifier: name) LIMIT 2000) AS t), 0)::bigint,
                    (SELECT count(*) FROM pg_index WHERE indrelid = (\(schema + "." + name)::text)::regclass)
                """)
            let (bytes, indexes): (Int, Int) = (try facts[0].value(0), try facts[0].value(1))
            let each = rows * 1000 / cases
            if name == "bundles" {
                let said: Int =
                    try await client.run(
                        """
                        SELECT coalesce(sum(octet_length(body)), 0)::bigint
                        FROM (SELECT body, exchange FROM \(identifier: schema).bundles ORDER BY id DESC LIMIT \(rows)) AS sent
                        WHERE exchange = \(OutboundMessage.Exchange.events.rawValue)
                        """)[0].value(0)
                lines.append("message \(stage) \(said / cases)")
            }
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
        shape = lines.joined(separator: "\n") + "\n"
    }

    /// What nothing but messages needs.
    init() { shape = "" }

    /// What the floor's program does.
    enum Way {
        /// Everything, as fast as it can.
        case burst
        /// What one service writes and says, so many cases in a commit at most.
        case one(service: String, batch: Int)
        /// What one service writes and says, so many cases a second, each at its moment, and whoever hears of it.
        case due(service: String, rate: Int)
        /// Everything, so many cases a second, each at its moment.
        case steady(rate: Int)
        /// The same, at whose end so many departments on a port are posted to.
        case feed(rate: Int, port: Int, departments: Int)
        /// As many messages of so many bytes that lie in a table.
        case drain(bytes: Int)
        /// As many events of so many bytes that lie in a table, for one department on a port.
        case post(bytes: Int, port: Int)
        /// What fails and works again, and between the two nothing.
        case outage(Server)

        enum Server: String {
            case database, broker
        }

        fileprivate func arguments(_ folder: String) -> [String] {
            switch self {
            case .burst: []
            case .one(let service, let batch): ["one", String(FloorRun.services.firstIndex(of: service) ?? 0), String(batch)]
            case .due(let service, let rate): ["due", String(FloorRun.services.firstIndex(of: service) ?? 0), String(rate)]
            case .steady(let rate): ["steady", String(rate), folder]
            case .feed(let rate, let port, let departments): ["feed", String(rate), String(port), String(departments)]
            case .drain(let bytes): ["drain", String(bytes)]
            case .post(let bytes, let port): ["post", String(bytes), String(port)]
            case .outage(let server): ["outage", server.rawValue]
            }
        }
    }

    /// What the floor's program found.
    struct Outcome {
        fileprivate let found: JSONValue
        fileprivate let cases: Int
        /// The processor time of the program and of the house's servers for it.
        fileprivate let busy: Duration

        /// A figure by its name.
        func number(_ name: String) throws -> Double {
            guard let value = found[name].flatMap({ Double($0.plain) }) else {
                throw CommandFailure("The floor's program says no \(name).")
            }
            return value
        }

        /// How many cases it did in a second.
        var perSecond: Double { get throws { Double(cases) / (try number("seconds")) } }

        /// The most memory that its program held, which does the work of all four services at once in a burst and at a steady rate.
        var megabytes: Double { get throws { try number("megabytes") } }

        /// Seconds of processor time for a thousand cases.
        var processorTime: Double { busy / .seconds(1) / Double(cases) * 1000 }
    }

    /// For how many seconds a server that is killed cannot be worked with, by a program that does nothing but try.
    ///
    /// - Parameter kill: Is called once the program works with the server.
    static func outage(of server: Way.Server, in house: BenchHouse, killing kill: @Sendable () throws -> Void) async throws -> Double {
        try await FloorRun().run(.outage(server), cases: 1, in: house) { answer in
            let end = ContinuousClock.now + .seconds(10)
            while !String(decoding: FileTree.read(answer) ?? [], as: UTF8.self).hasPrefix("begun\n") {
                guard .now < end else { throw CommandFailure("The floor cannot work with the \(server.rawValue).") }
                try await Task.sleep(for: .milliseconds(20))
            }
            try kill()
        }.number("seconds")
    }

    /// How many nanoseconds it takes to look up one of so many due dates in a table of the days that are worked.
    static func dueDate(of count: Int, programs: String) async throws -> Double {
        let folder: String
        do throws(LaunchError) {
            folder = try FileTree.makeTemporaryDirectory(in: "/var/tmp", prefix: "huiyin-bench", mode: 0o700)
        } catch { throw CommandFailure("For the measurement \(error).") }
        defer { FileTree.remove(folder) }
        let answer = "\(folder)/floor.txt"
        let plan = LaunchPlan(
            executable: "\(programs)/huiyin-floor", arguments: [String(count), "days"], parentDeathSignal: SIGKILL, logFile: answer)
        let found = try await said(by: plan, in: answer)
        return try Outcome(found: found, cases: count, busy: .zero).number("seconds") / Double(count) * 1e9
    }

    /// Starts the floor's program, waits for its end and reads what it says last: its figures, or why it has none.
    private static func said(
        by plan: LaunchPlan, in answer: String, _ meanwhile: @Sendable (String) async throws -> Void = { _ in }
    ) async throws -> JSONValue {
        let process = try plan.start()
        let exit: ProcessExit
        do {
            try await meanwhile(answer)
            exit = try await process.wait()
        } catch {
            process.signal(SIGKILL)
            throw error
        }
        let line = String(decoding: FileTree.read(answer) ?? [], as: UTF8.self).split(separator: "\n").last.map { String($0) } ?? ""
        guard exit == .exited(code: 0), let json = try? JSONValue(parsing: Array(line.utf8)) else {
            throw CommandFailure("The floor could not be measured: \(line.isEmpty ? "its program said nothing" : line.shown).")
        }
        return json
    }

    /// Lets the floor's program do it for so many cases on the servers of a house.
    ///
    /// - Parameter meanwhile: Is done once the program has been started, with the path of the file that it writes its answers to.
    func run(
        _ way: Way, cases: Int, in house: BenchHouse, _ meanwhile: @Sendable (String) async throws -> Void = { _ in }
    ) async throws -> Outcome {
        let (shapeFile, answer, files) = ("\(house.home)/floor.shape", "\(house.home)/floor.txt", "\(house.home)/floor.files")
        try FileTree.write(Array(shape.utf8), to: shapeFile, mode: 0o600)
        FileTree.remove(answer)
        try FileTree.makeDirectory(files, mode: 0o700)
        defer { FileTree.remove(files) }
        try await house.client.run("DROP DATABASE IF EXISTS floor")
        try await house.client.run("CREATE DATABASE floor")
        let plan = LaunchPlan(
            executable: house.program("huiyin-floor"), arguments: [String(cases), shapeFile] + way.arguments(files),
            environment: [
                "FLOOR_DATABASE_URL": Self.address(house.databaseURL, database: "floor"), "FLOOR_BROKER_URL": house.brokerURL,
            ], parentDeathSignal: SIGKILL, logFile: answer)
        // What the house has left to clean up is none of the floor's work.
        try await Self.wait(house, until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker')")
        let used = try house.processorTime(ofServers: true) + Self.childrenTime()
        let found = try await Self.said(by: plan, in: answer, meanwhile)
        // The time of a process that is ending is nobody's for a moment.
        try await Self.wait(house, until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'floor')")
        let busy = try house.processorTime(ofServers: true) + Self.childrenTime() - used
        return Outcome(found: found, cases: cases, busy: busy)
    }

    /// Waits for something that PostgreSQL knows; for ten seconds at most.
    private static func wait(_ house: BenchHouse, until condition: String) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while .now < end, try await house.client.run("SELECT \(unsafe: condition)")[0].value(0) != true {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The processor time of those that this process has started and waited for (`getrusage(2)`): while the floor runs none but it ends.
    private static func childrenTime() -> Duration {
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(.zero) { $0 + .seconds($1.tv_sec) + .microseconds($1.tv_usec) }
    }

    /// The address of another database on the same server.
    static func address(_ url: String, database: String) -> String {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let server = parts[0].split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        return "\(server)/\(database)" + (parts.count > 1 ? "?\(parts[1])" : "")
    }
}

extension BenchFigures {
    /// Adds times in milliseconds, each beside the floor's of the same name, and the ratio of the two.
    mutating func add(_ times: [(name: String, value: Double)], beside floor: FloorRun.Outcome) throws {
        for (figure, value) in times {
            let (least, name) = (try floor.number(figure), figure.prefix(1).uppercased() + figure.dropFirst())
            add("floor\(name)", least)
            add("floor\(name.dropLast(2))Ratio", value > 0 ? least / value : 0)
        }
    }

    /// Adds the most memory of the floor's program, and its ratio to that of all services.
    mutating func add(megabytes: [Double], beside floor: FloorRun.Outcome) throws {
        let (least, all) = (try floor.megabytes, megabytes.reduce(0, +))
        add("floorMegabytes", least)
        add("memoryFloorRatio", all > 0 ? least / all : 0)
    }
}
