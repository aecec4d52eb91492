import CaseFlow
import Logging
import Models
import Postgres
import TestSupport
import Testing

@testable import Notification
@testable import Operator

/// Notification without its broker: its database, its worker and its couriers, and cases that other services tell of.
struct NoticeHouse {
    static let start = Instant(microseconds: 1_790_000_000_000_000)

    let client: PostgresClient
    let administrator: PostgresClient
    let worker: NoticeCourier.Worker
    let couriers: [NoticeCourier]
    let trays: [NoticeTray]
    let routes: NoticeRoutes
    let seal: SealKey
    let log: NoticeLog
    let version: String

    /// Makes the house with a county whose offices have addresses, and the given ways.
    init(
        _ carriers: [any NoticeCarrier], petitioners: [String], units: [String], at url: String? = nil,
        county change: (inout CountyDefinition) -> Void = { _ in }
    ) async throws {
        let fresh = try await PostgresServer.shared.database(like: "house") { url in
            try await Schemas.migrate(adminURL: url, passwords: [:]) { _ in }
        }
        let address = url ?? fresh
        seal = try #require(SealKey(secret: [UInt8](repeating: 7, count: 32)))
        log = NoticeLog()
        administrator = PostgresClient(PostgresConfiguration(url: address, applicationName: "tests"))
        client = PostgresClient(PostgresConfiguration(url: address, applicationName: "tests", schema: "notification"))
        routes = NoticeRoutes(petitioners: petitioners, units: units)
        let routes = routes
        trays = carriers.map { NoticeTray($0.name, of: routes) }
        let store = PostgresStore(client: client, tables: NotificationTables(trays: trays, routes: routes))
        worker = CaseWorker(process: NotificationProcess(), store: store) { _ in }
        let (worker, seal, log) = (worker, seal, log)
        let lanes = Dictionary(uniqueKeysWithValues: zip(carriers.map(\.name), trays))
        couriers = carriers.map {
            NoticeCourier(worker: worker, seal: seal, carrier: $0, routes: routes, trays: lanes, logger: log.logger)
        }
        var definition = TestCounty.whole()
        for index in definition.units.indices {
            definition.units[index].email = "\(definition.units[index].code)@county.example"
            definition.units[index].phone = "000 5555 000\(index)"
        }
        change(&definition)
        version = try definition.version()
        _ = try await worker.handle([
            try Self.event(Subject.county, 1, CountyPublished(definition: definition), county: "")
        ])
    }

    /// Tells of a step at routing, which has applied the registration, or of the next one at intake.
    func tell(_ facts: any EventFacts, of number: Int, _ sequence: Int64, from source: Source = .routing) async throws {
        try await tell([facts], of: number, sequence, from: source)
    }

    /// Tells of several steps at once.
    func tell(_ facts: [any EventFacts], of number: Int, _ sequence: Int64, from source: Source) async throws {
        var after = SourcePositions()
        if source != .intake { after[.intake] = 1 }
        _ = try await worker.handle(
            try facts.enumerated().map { index, facts in
                try Self.event(Self.subject(number), sequence + Int64(index), facts, county: version, from: source, after: after)
            })
    }

    private static func event(
        _ subject: Subject, _ sequence: Int64, _ facts: any EventFacts, county: String, from source: Source = .intake,
        after: SourcePositions = SourcePositions()
    ) throws -> CaseEvent {
        try CaseEvent(
            id: EventID(
                UniqueID(high: subject.raw.high &+ 0x1_0000, low: subject.raw.low &+ UInt64(sequence) &<< (source == .intake ? 16 : 24))),
            source: source,
            subject: subject,
            type: type(of: facts).type, version: 1, time: start, sequence: sequence, after: after, county: county,
            traceparent: nil, stating: facts)
    }

    static func subject(_ number: Int) -> Subject {
        Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0000 + UInt64(number)))
    }

    /// Registers cases of one petitioner each; each owes a receipt.
    func register(_ numbers: Range<Int>, _ contact: (Int) -> PetitionerContact, accused: CaseRegistered.Accused? = nil) async throws {
        let events = try numbers.map { number in
            let sealed = try seal.seal(contact(number))
            return try Self.event(
                Self.subject(number), 1,
                CaseRegistered(
                    number: "20260921-\(100_000 + number)-1", kind: accused == nil ? .claim : .accusation, channel: .web,
                    urgency: .ordinary,
                    title: "the road \(number)", narrative: "It is broken.", topic: nil, region: nil, occurred: nil, anonymous: false,
                    petitioners: [.init(person: "p\(number)", contact: sealed)], registered: Self.start, receipt: "00", accused: accused),
                county: version)
        }
        _ = try await worker.handle(events)
    }

    /// Stores due notices to a unit of a registered case, as an event about it would.
    func owe(_ count: Int, to unit: UnitCode, of number: Int) async throws {
        try await client.run(
            """
            INSERT INTO notices (id, subject, template, recipient, fields, county, way, created_at)
            SELECT gen_random_uuid(), \(Self.subject(number)), 'assigned', \("unit:\(unit)"), convert_to('{"caseNumber":"n","title":"t"}', 'UTF8'),
                \(version), \(routes.units[0]), now()
            FROM generate_series(1, \(count))
            """)
    }

    /// How many notices are in a phase, of those that a way has.
    func count(_ phase: String, way: String? = nil) async throws -> Int {
        try await client.run(
            "SELECT count(*) FROM notices WHERE phase = \(phase) AND (\(way == nil) OR way = \(way ?? ""))"
        ).first?.value(0) ?? 0
    }

    /// The answers of all tries of a way, in their order.
    func answers(of way: String) async throws -> [String] {
        try await client.run("SELECT answer FROM notice_attempts WHERE way = \(way) ORDER BY at").map { try $0.value(0) }
    }

    /// Makes everything that waits due now.
    func hurry() async throws { try await client.run("UPDATE notices SET next_at = now() WHERE phase = 'due'") }

    /// How often the ledger was told of an end of this type.
    func told(_ type: String) async throws -> Int {
        let wanted = "\"type\":\"\(type)\""
        return try await client.run(
            "SELECT coalesce(sum(regexp_count(convert_from(body, 'UTF8'), \(wanted))), 0) FROM bundles"
        ).first?.value(0) ?? 0
    }

    /// Runs all couriers for as long as `body` takes.
    func running<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: R?.self) { group in
            for courier in couriers {
                group.addTask {
                    await courier.run()
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }

    func close() async {
        await client.close()
        await administrator.close()
    }
}
