import Models
import Postgres
import TestSupport
import Testing

@testable import CaseFlow

/// Two processes of a service on the same tables, each with what it remembers.
@Suite("A store that remembers", .timeLimit(.minutes(3)))
struct RememberingTests {
    private let subject = Subject(UniqueID(high: 1, low: 1))

    /// Runs `body` with two stores of the same schema, which rely on their memory again at once after it was wrong, and a client of it.
    private func with(
        counties: [Int64: String] = [:], _ body: (Flow, Flow, PostgresClient) async throws -> Void
    ) async throws {
        try await StoreKind.withPostgres { _, client in
            let flows = (0..<2).map { _ in
                Flow(PostgresStore(client: client, tables: NumberTables(counties: counties), memory: CaseMemory(pause: .zero)))
            }
            try await body(flows[0], flows[1], client)
        }
    }

    private struct Flow {
        let store: PostgresStore<NumberTables>
        let worker: CaseWorker<Counting, PostgresStore<NumberTables>>

        init(_ store: PostgresStore<NumberTables>) {
            self.store = store
            worker = CaseWorker(process: Counting(), store: store) { _ in }
        }

        /// Gives `command` to the case; whether it was done.
        func tell(_ command: Int64, _ subject: Subject, key: UInt8? = nil, isFirst: Bool = false) async throws -> Answer? {
            let request = Request(
                subject: subject, isFirst: isFirst, command: command, idempotency: key.map { (ClaimKey(digest: [$0]), [$0]) })
            return try await worker.perform([request]).first?.get()
        }

        /// The number of the case, by a look that takes nothing from memory.
        func number(_ subject: Subject) async throws -> Int64? {
            try await store.client.run("SELECT value FROM numbers WHERE subject = \(subject)").first?.value(0)
        }
    }

    private func event(_ sequence: Int64, adding number: Int, at time: Instant = Instant(microseconds: 1)) -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: 7, low: UInt64(sequence))), source: .intake, subject: subject, type: Counting.Number.type,
            version: 1,
            time: time, sequence: sequence, after: .init(), county: "", traceparent: nil, data: Array("{\"number\":\(number)}".utf8))
    }

    @Test("goes by its memory, and forgets a case whose clock row somebody touched")
    func touched() async throws {
        try await with { flow, _, client in
            _ = try await flow.worker.handle([event(1, adding: 1)])
            // Nobody may do this without the clock row; here it shows that nothing is read.
            try await client.run("UPDATE numbers SET value = 100")
            _ = try await flow.worker.handle([event(2, adding: 1)])
            let remembered = try await flow.number(subject)

            try await client.run(["UPDATE numbers SET value = 100", "UPDATE case_clock SET held = held"])
            _ = try await flow.worker.handle([event(3, adding: 1)])

            #expect(remembered == 2)
            #expect(try await flow.number(subject) == 101)
        }
    }

    @Test("loses nothing and doubles nothing while two work on the same cases in turn")
    func turns() async throws {
        try await with { first, second, client in
            for sequence in Int64(1)...40 {
                let flow = sequence % 3 == 0 ? second : first
                // What the other one has applied comes again.
                _ = try await flow.worker.handle([event(max(1, sequence - 1), adding: 1), event(sequence, adding: 1)])
            }

            #expect(try await first.number(subject) == 40)
            #expect([first, second].allSatisfy { $0.store.doneOver > 0 })
            #expect(try await client.run("SELECT intake FROM case_clock")[0].value(0) == 40)
            #expect(try await client.run("SELECT count(*) FROM dead_letters")[0].value(0) == 0)
        }
    }

    @Test("loses nothing and doubles nothing while four work on the same cases at once")
    func atOnce() async throws {
        let subjects = (1...8).map { Subject(UniqueID(high: 1, low: UInt64($0))) }
        try await with { first, second, _ in
            let flows = [first, second, first, second]
            await withTaskGroup { group in
                for (number, flow) in flows.enumerated() {
                    group.addTask {
                        for round in 0..<25 {
                            let part = number % 2 == 0 ? subjects : subjects.reversed()
                            var open = Array(part[(round % 4)..<(round % 4 + 4)])
                            for _ in 0..<1000 where !open.isEmpty {
                                let answers = try? await flow.worker.perform(open.map { Request(subject: $0, command: Int64(1)) })
                                if answers != nil { open = [] }
                            }
                        }
                    }
                }
            }

            var sum: Int64 = 0
            for subject in subjects { sum += try await first.number(subject) ?? 0 }
            #expect(sum == 4 * 25 * 4)
            // Only who went by memory is overtaken.
            #expect([first, second].allSatisfy { $0.store.doneOver > 0 })
        }
    }

    @Test("refuses nothing, and answers nothing, by what is not so any more")
    func refusal() async throws {
        try await with { first, second, _ in
            _ = try await first.tell(5, subject)
            _ = try await second.tell(4, subject)

            // Nine can be taken, though the first knows of five only.
            let answer = try await first.tell(-9, subject)

            #expect(answer == .done([]))
            #expect(try await first.number(subject) == 0)
        }
    }

    @Test("answers a request that was answered before as it was then, whoever answered it")
    func repeated() async throws {
        try await with { first, second, client in
            let (mine, theirs) = (Subject(UniqueID(high: 2, low: 1)), Subject(UniqueID(high: 2, low: 2)))
            _ = try await first.tell(1, subject, isFirst: true)
            _ = try await second.tell(7, theirs, key: 3, isFirst: true)

            let again = try await first.tell(7, mine, key: 3, isFirst: true)
            let refused = try await first.tell(-7, Subject(UniqueID(high: 2, low: 3)), key: 3, isFirst: true)

            #expect(again == .repeated([]))
            if case .repeated = refused {
            } else {
                Issue.record("a request with a known key was not answered as before: \(String(describing: refused))")
            }
            #expect(try await client.run("SELECT count(*) FROM case_clock WHERE subject = \(mine)")[0].value(0) == 0)
        }
    }

    @Test("binds to the county version that is in force, also when another has just brought it into force", arguments: [true, false])
    func county(moves: Bool) async throws {
        let editions = try [false, true].map { try CountyBook.Edition(TestCounty.definition(revised: $0)) }
        try await with { first, second, _ in
            try await first.store.store(WorkScope(subjects: [.county])) { $0.counties = [(editions[0], 1)] }
            // Twice, so that the first one knows what is in force without a look.
            for _ in 0..<2 { _ = try await first.tell(1, subject) }
            try await second.store.store(WorkScope(subjects: [.county])) { $0.counties = [(editions[1], 2)] }

            let book = try await first.store.work(WorkScope(subjects: [subject])) { loaded in
                var changes = Changes<Int64, String>()
                changes.effects = ["told"]
                if moves { changes.clocks = [(subject, CaseClock(positions: SourcePositions(routing: 3)))] }
                return (changes, loaded.counties)
            }.result

            #expect(book.current?.index.version == editions[1].index.version)
        }
    }

    @Test("does no work under a county version that it cannot read, however often it is tried")
    func unreadableCounty() async throws {
        let editions = try [false, true].map { try CountyBook.Edition(TestCounty.definition(revised: $0)) }
        try await with { first, second, client in
            try await first.store.store(WorkScope(subjects: [.county])) { $0.counties = [(editions[0], 1)] }
            for _ in 0..<2 { _ = try await first.tell(1, subject) }
            try await second.store.store(WorkScope(subjects: [.county])) { $0.counties = [(editions[1], 2)] }
            try await client.run("UPDATE counties SET definition = 'rubbish' WHERE sequence = 2")

            for _ in 0..<3 {
                let failure = await #expect(throws: StoreFailure.self) { try await first.tell(1, subject) }
                #expect(failure?.isRetryable == true)
            }

            #expect(try await first.number(subject) == 2)
        }
    }

    @Test("reads of several cases those that others have changed, and goes by its memory of the rest")
    func mixed() async throws {
        let others = (2...4).map { Subject(UniqueID(high: 1, low: UInt64($0))) }
        try await with { first, second, client in
            for subject in [subject] + others { _ = try await first.tell(1, subject) }
            _ = try await second.tell(1, others[0])
            try await client.run("UPDATE numbers SET value = 100 WHERE subject = \(others[1])")
            let unknown = Subject(UniqueID(high: 1, low: 9))
            _ = try await second.tell(5, unknown)

            _ = try await first.worker.perform(([subject, unknown] + others).map { Request(subject: $0, command: Int64(1)) })

            var numbers: [Int64?] = []
            for subject in [subject, unknown] + others { numbers.append(try await first.number(subject)) }
            // The third was changed without its clock row, which shows that nothing of it is read.
            #expect(numbers == [2, 6, 3, 2, 2])
            #expect(first.store.doneOver == 0)
        }
    }

    @Test("takes no event for a case's first when it knows better, and learns it from one that comes again")
    func firsts() async throws {
        try await with { first, second, client in
            _ = try await first.worker.handle([event(2, adding: 2)])
            _ = try await first.worker.handle([event(1, adding: 1)])
            let number = try await first.number(subject)
            // To the second process all of it is new.
            _ = try await second.worker.handle([event(1, adding: 1)])
            _ = try await second.worker.handle([event(3, adding: 3)])

            #expect(number == 3)
            #expect([first, second].map(\.store.doneOver) == [0, 1])
            #expect(try await second.number(subject) == 6)
            #expect(try await client.run("SELECT held FROM case_clock")[0].value(0) == 0)
        }
    }

    @Test("knows of no case what was not committed")
    func broken() async throws {
        try await with { flow, _, client in
            _ = try await flow.worker.handle([event(1, adding: 1)])
            let refused = try await flow.worker.handle([event(2, adding: 5000)])
            _ = try await flow.worker.handle([event(2, adding: 5000), event(3, adding: 1)])

            #expect(refused.isEmpty)
            #expect(try await flow.number(subject) == 1)
            #expect(
                try await client.run("SELECT held, dead FROM case_clock").map { try ($0.value(0, as: Int.self), $0.value(1, as: Int.self)) }
                    .first ?? (0, 0) == (1, 1))
        }
    }

    @Test("does nothing before what it heard of happened")
    func heard() async throws {
        try await with { flow, _, client in
            _ = try await flow.worker.handle([event(1, adding: 1)])
            let soon: Instant = try await client.run("SELECT clock_timestamp() + interval '300 ms'")[0].value(0)

            let now = try await flow.store.work(WorkScope(subjects: [subject], heard: soon)) { loaded in
                (Changes<Int64, String>(), loaded.now)
            }.result

            #expect(now >= soon)
        }
    }
}
