import CaseFlow
import Glibc
import Logging
import Models
import Postgres
import PrivateServers
import TestSupport
import Testing

/// What only the store with tables has to do.
@Suite("The tables of a store", .timeLimit(.minutes(3)))
struct PostgresStoreTests {
    @Test("lose old messages, but none that is still to be sent")
    func purge() async throws {
        try await StoreKind.withPostgres { store, client in
            let scope = WorkScope(subjects: [Subject(UniqueID(high: 1, low: 1))])
            let rows = try await store.store(scope) { changes in
                changes.outbox = (0..<2500).map {
                    OutboundMessage(
                        exchange: .events, routingKey: "intake", contentType: EventBundle.contentType, body: Array("\($0)".utf8))
                }
            }.outbox
            try await store.forgetOutbox(rows.dropLast().map(\.id))

            try await store.purgeBundles(olderThan: .seconds(3600))
            let young = try await client.run("SELECT count(*) FROM bundles")[0].value(0, as: Int.self)
            try await client.run("UPDATE bundles SET written_at = now() - interval '8 days'")
            try await store.purgeBundles(olderThan: .seconds(7 * 86_400))

            #expect(young == 2500)
            #expect(try await client.run("SELECT body FROM bundles").map { try $0.value(0, as: [UInt8].self) } == [Array("2499".utf8)])
        }
    }

    /// How a process gets stuck with a session.
    enum Standstill: CaseIterable {
        case beingSent, beingSentOverSocket, sending

        /// What the process does with the session, and what the session waits for then.
        var behavior: (statement: String, event: String) {
            switch self {
            case .beingSent, .beingSentOverSocket: ("SELECT repeat('x', 100000000) FROM pg_advisory_lock(1)", "ClientWrite")
            // It ends with the process.
            case .sending: ("\\copy public.rows FROM PROGRAM 'tail --pid=$PPID -f /dev/null'", "ClientRead")
            }
        }
    }

    @Test(
        "are freed from a process that froze while it was sent more than its socket holds, or had sent a part",
        arguments: Standstill.allCases)
    func frozen(_ standstill: Standstill) async throws {
        try await StoreKind.withPostgres { _, client in
            let server = try await PostgresServer.shared.description
            let database: String = try await client.run("SELECT current_database()")[0].value(0)
            let url = standstill == .beingSentOverSocket ? server.nearURL(database: database) : server.url(database: database)
            let (statement, event) = standstill.behavior
            try await client.run("CREATE TABLE public.rows (number int)")
            let gate = PostgresClient(PostgresConfiguration(url: url, applicationName: "gate", maximumConnections: 1))
            try await gate.run("SELECT pg_advisory_lock(1)")
            let process = try LaunchPlan(
                executable: "/usr/bin/psql", arguments: ["-XAtqd", url, "-c", statement], parentDeathSignal: SIGKILL, logFile: "/dev/null"
            ).start()
            defer { process.signal(SIGKILL) }
            func isWaiting(for event: String) async throws -> Bool {
                try await client.run(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE application_name = 'psql' AND datname = current_database() AND wait_event = \(event) AND state = 'active'
                    """
                )[0].value(0, as: Int.self) > 0
            }

            if standstill != .sending {
                try await eventually("the session stands before the gate") { try await isWaiting(for: "advisory") }
                process.signal(SIGSTOP)
            }
            await gate.close()
            try await eventually("the session stands still") { try await isWaiting(for: event) }
            let sessions = FrozenSessions(client: client, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(try await sessions.once() == 0)
            #expect(try await isWaiting(for: event))
            #expect(try await sessions.once(after: .zero) == 1)
            try await eventually("the session is ended") { try await !isWaiting(for: event) }

            process.signal(SIGKILL)
            _ = try await process.wait()
        }
    }

    @Test("give a process that has just started the county versions that states and held events are bound to")
    func counties() async throws {
        let (first, second) = (Subject(UniqueID(high: 1, low: 1)), Subject(UniqueID(high: 2, low: 2)))
        let editions = try [false, true].map { try CountyBook.Edition(TestCounty.definition(revised: $0)) }
        let versions = editions.map(\.index.version)
        try await StoreKind.withPostgres { store, client in
            try await store.store(WorkScope(subjects: [first, second])) { changes in
                changes.counties = [(editions[0], 1), (editions[1], 2)]
                changes.states = [(first, 1)]
                changes.held = [(Self.event(second, county: versions[0]), false)]
                changes.clocks = [(second, CaseClock(held: 1))]
            }

            for subject in [first, second] {
                let restarted = PostgresStore(client: client, tables: NumberTables(counties: [1: versions[0]]))
                let book = try await restarted.store(WorkScope(subjects: [subject])).found.counties
                #expect(versions.allSatisfy(book.knows))
                #expect(book.current?.index.version == versions[1])
            }
            let restarted = PostgresStore(client: client, tables: NumberTables())
            let book = try await restarted.store(WorkScope(subjects: [Subject(UniqueID(high: 3, low: 3))])).found.counties
            #expect(!book.knows(versions[0]) && book.knows(versions[1]))
        }
    }

    @Test("let what cannot be read be put aside, and nothing else with it")
    func unreadable() async throws {
        let (sound, broken) = (Subject(UniqueID(high: 1, low: 1)), Subject(UniqueID(high: 2, low: 2)))
        try await StoreKind.withPostgres { store, client in
            try await store.store(WorkScope(subjects: [sound, broken])) { changes in
                changes.clocks = [(broken, CaseClock(held: 1))]
                changes.held = [(Self.event(broken), false)]
            }
            try await client.run("UPDATE held SET event = 'rubbish'")
            let worker = CaseWorker(process: Counting(), store: store) { _ in }

            let unreadable = try await worker.handle([Self.event(sound), Self.event(broken)])
            let results = try await worker.perform([sound, broken].map { Request(subject: $0, command: 5) })
            let failures = try await worker.release([sound, broken]).failures

            #expect(unreadable.map(\.event.subject) == [broken])
            #expect(try await stored([sound], client).states == [sound: 6])
            if case .success(.done) = results[0] {} else { Issue.record("the sound case's command was not done") }
            if case .failure(let failure) = results[1] { #expect(!failure.isRetryable) } else { Issue.record("the other's was") }
            #expect(failures.count == 1)
        }
    }

    @Test("let the one event die that they refuse, wherever it was held, and again when it is replayed")
    func refusals() async throws {
        let (guilty, sound) = (Subject(UniqueID(high: 1, low: 1)), Subject(UniqueID(high: 2, low: 2)))
        try await StoreKind.withPostgres { store, client in
            func sequences(_ table: String) async throws -> [Int64] {
                let rows = try await client.run("SELECT event FROM \(identifier: table) WHERE subject = \(guilty)")
                return try rows.map { try CaseEvent(wire: $0.value(0)).sequence }.sorted()
            }
            let worker = CaseWorker(process: Counting(), store: store) { _ in }
            let refused = Self.event(guilty, 2, adding: 5000)

            _ = try await worker.handle([refused, Self.event(guilty, 3)])
            let unreadable = try await worker.handle([Self.event(sound), Self.event(guilty, 1)])

            #expect(unreadable.isEmpty)
            #expect(try await sequences("dead_letters") == [2])
            #expect(try await sequences("held") == [3])
            let found = try await stored([guilty, sound], client)
            #expect(found.states == [guilty: 1, sound: 1])

            try await client.run([
                "INSERT INTO held (event_id, subject, event, replayed) SELECT event_id, subject, event, true FROM dead_letters",
                "DELETE FROM dead_letters", "UPDATE case_clock SET held = 2, dead = 0 WHERE subject = \(guilty)",
            ])
            let (count, failures) = try await worker.release([guilty, sound])

            #expect(count == 1 && failures.isEmpty)
            #expect(try await sequences("dead_letters") == [2])
            #expect(try await sequences("held") == [3])
        }
    }

    @Test("blame no event for a table that is not there")
    func schemaMoved() async throws {
        let subject = Subject(UniqueID(high: 1, low: 1))
        try await StoreKind.withPostgres { store, client in
            let worker = CaseWorker(process: Counting(), store: store) { _ in }
            try await client.run("ALTER TABLE numbers RENAME TO moved")
            let failure = await #expect(throws: StoreFailure.self) { try await worker.handle([Self.event(subject)]) }
            try await client.run("ALTER TABLE moved RENAME TO numbers")

            _ = try await worker.handle([Self.event(subject)])

            #expect(failure?.isRetryable == true)
            #expect(try await stored([subject], client).states == [subject: 1])
            #expect(try await client.run("SELECT count(*) FROM dead_letters")[0].value(0) == 0)
        }
    }

    @Test("let several be the first for a case at the same time, and lose nothing of any")
    func firsts() async throws {
        let subjects = (1...40).map { Subject(UniqueID(high: 1, low: UInt64($0))) }
        try await StoreKind.withPostgres { store, client in
            let worker = CaseWorker(process: Counting(), store: store) { _ in }
            // Each goes through the cases in an order of its own, two at a time.
            await withTaskGroup { group in
                for number in 0..<4 {
                    group.addTask {
                        var pairs = stride(from: 0, to: subjects.count, by: 2).map { [subjects[$0], subjects[$0 + 1]] }
                        if number > 1 { pairs.reverse() }
                        for pair in pairs {
                            var isDone = false
                            while !isDone {
                                // Two of them believe each case to be new.
                                let requests = pair.map { Request(subject: $0, isFirst: number % 2 == 0, command: Int64(1)) }
                                let answers = try? await worker.perform(requests)
                                isDone = answers?.count == 2
                            }
                        }
                    }
                }
            }

            let found = try await stored(subjects, client)
            #expect(found.states == Dictionary(uniqueKeysWithValues: subjects.map { ($0, 4) }))
            #expect(found.clocks.values.allSatisfy { $0.positions[.routing] == 4 })
        }
    }

    @Test("store what belongs to no command once, also when some command is refused", arguments: [[1, 2], [1, 5000], [5000], []])
    func besides(numbers: [Int64]) async throws {
        try await StoreKind.withPostgres { store, client in
            let worker = CaseWorker(process: Counting(), store: store) { _ in }
            let requests = numbers.map { Request(subject: Subject(UniqueID(high: 1, low: UInt64($0))), command: $0) }

            let results = try await worker.perform(requests, storing: ["told", "told more"])

            #expect(results.map { (try? $0.get()) != nil } == numbers.map { $0 < 1000 })
            let told = try await client.run("SELECT text FROM told ORDER BY id").map { try $0.value(0, as: String.self) }
            #expect(told == ["told", "told more"])
        }
    }

    @Test("keep no row of a case that a command did not begin")
    func nothingLeft() async throws {
        let (refused, repeated) = (Subject(UniqueID(high: 1, low: 1)), Subject(UniqueID(high: 2, low: 2)))
        try await StoreKind.withPostgres { store, client in
            let worker = CaseWorker(process: Counting(), store: store) { _ in }

            let first = try await worker.perform([Request(subject: refused, command: -1)])
            let second = try await worker.perform([Request(subject: repeated, command: 0)])

            if case .success(.refused) = first[0] {} else { Issue.record("the first was not refused") }
            if case .success(.done) = second[0] {} else { Issue.record("the second was not done") }
            #expect(try await client.run("SELECT count(*) FROM claims")[0].value(0) == 1)
            #expect(try await client.run("SELECT count(*) FROM case_clock")[0].value(0) == 0)
        }
    }

    /// What is stored, as a process finds it that remembers nothing.
    private func stored(_ subjects: [Subject], _ client: PostgresClient) async throws -> Loaded<Int64> {
        try await PostgresStore(client: client, tables: NumberTables()).store(WorkScope(subjects: subjects)).found
    }

    private static func event(_ subject: Subject, _ sequence: Int64 = 1, adding number: Int = 1, county: String = "") -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: subject.raw.high, low: UInt64(sequence))), source: .intake, subject: subject,
            type: Counting.Number.type, version: 1, time: Instant(microseconds: 1), sequence: sequence, after: .init(), county: county,
            traceparent: nil, data: Array("{\"number\":\(number)}".utf8))
    }

    @Test("are partitioned by month with all they held, and grow by months that a service may add, but not make itself")
    func months() async throws {
        try await StoreKind.withPostgres { store, client in
            func subject(_ distance: String) async throws -> Subject {
                try await client.run("SELECT first_subject((date_trunc('month', now() AT TIME ZONE 'UTC') + \(distance)::interval)::date)")[
                    0
                ]
                .value(0)
            }
            func place(_ subject: Subject) async throws -> String? {
                try await client.run("SELECT tableoid::regclass::text FROM lines WHERE subject = \(subject)").first?.value(0)
            }
            let old = try await subject("-2 months")
            try await client.run("CREATE TABLE lines (subject uuid, position bigint, PRIMARY KEY (subject, position))")
            try await client.run("INSERT INTO lines VALUES (\(old), 1)")

            try await client.run("CALL partition_by_month('lines')")
            try await client.run("ALTER TABLE lines ADD PRIMARY KEY (subject, position)")
            let (now, soon, far) = (try await subject("0 months"), try await subject("2 months"), try await subject("9 months"))
            try await client.run("INSERT INTO lines SELECT subject, 1 FROM unnest(\([now, soon, far])) AS u(subject)")

            #expect(try await place(old) == "lines_before")
            #expect(try await place(now) == "lines_before")
            #expect(try await place(soon)?.hasPrefix("lines_20") == true)
            #expect(try await place(far) == "lines_other")

            try await client.run(["CREATE ROLE few_rights", "GRANT USAGE ON SCHEMA numbers TO few_rights"])
            let added = try await client.withTransaction { transaction in
                try await transaction.run("SET LOCAL ROLE few_rights")
                // The ninth month stays away, since rows of it lie among the others.
                let added = try await transaction.run("SELECT add_months('lines', (now() + interval '10 months')::date)")[0].value(
                    0, as: Int.self)
                try await transaction.commit()
                return added
            }
            try await store.addMonths(to: "lines")

            #expect((4...6).contains(added))
            #expect(try await place(far) == "lines_other")
            #expect(try await client.run("SELECT count(*) FROM lines")[0].value(0) == 4)
        }
    }
}
