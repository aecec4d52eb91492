import CaseFlow
import Models
import Postgres
import Routing
import TestSupport
import Testing

@testable import Intake
@testable import Operator

/// Cases in the schemas of intake and routing, written by their own processes and tables without a running house.
struct HouseCases {
    let client: PostgresClient
    private let edition: CountyBook.Edition
    private var counties = CountyBook()
    private let intake: IntakeProcess
    private var serial: UInt64 = 0
    private(set) var now = Instant(microseconds: 1_764_000_000_000_000)

    init(_ definition: CountyDefinition) async throws {
        let url = try await PostgresServer.shared.database(like: "house") { url in
            try await Schemas.migrate(adminURL: url, passwords: [:]) { _ in }
        }
        client = PostgresClient(PostgresConfiguration(url: url, applicationName: "test", maximumConnections: 1))
        edition = try CountyBook.Edition(definition)
        intake = IntakeProcess(signer: try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32))))
        counties.add(edition)
        counties.putInForce(edition.index.version)
        // The months of the ledger are made ahead by a running house.
    }

    /// One case, and what was stated about it.
    private struct Case {
        let subject: Subject
        var positions = SourcePositions()
        var intake: IntakeState?
        var routing: RoutingState?
        var lines: [IntakeEffect] = []
        var moves: [RoutingEffect] = []
    }

    /// Registers a case, takes steps at its unit, and stores all of it; says its number.
    @discardableResult
    mutating func add(
        _ title: String, kind: CaseKind = .claim, topic: TopicCode? = nil, tags: [HouseholdTag]? = nil,
        _ steps: (DeskOrder, ActingPerson)...
    ) async throws -> String {
        serial += 1
        now = now + .seconds(60)
        let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000 + serial << 16, low: 0x8000_0000_0000_0000 + serial))
        var one = Case(subject: subject)
        let registration = Registration(
            id: CaseID(subject), serial: Int64(serial), code: "CODE", kind: kind, channel: .web, urgency: .ordinary, title: title,
            narrative: title, topic: topic, region: nil, occurred: nil, anonymous: true, petitioners: [], tags: tags)
        let context = FlowContext(now: now, counties: counties)
        try state(intake.decide(.register(registration), on: nil, in: context).facts, by: .intake, &one)
        for (order, person) in steps {
            now = now + .seconds(3600)
            let context = FlowContext(now: now, counties: counties)
            try state(RoutingProcess().decide(DeskCommand(order, by: person), on: one.routing, in: context).facts, by: .routing, &one)
        }
        let (file, desk) = (try #require(one.intake), try #require(one.routing))
        try await save("intake", IntakeTables().statements(saving: [(subject, file)], effects: one.lines))
        try await save("routing", RoutingTables().statements(saving: [(subject, desk)], effects: one.moves))
        return desk.number
    }

    private func save(_ schema: String, _ statements: [SQL]) async throws {
        try await client.withTransaction { transaction in
            try await transaction.run("SET LOCAL search_path TO \(identifier: schema)")
            for statement in statements { try await transaction.run(statement) }
            try await transaction.commit()
        }
    }

    private mutating func state(_ facts: [any EventFacts], by source: Source, _ one: inout Case) throws {
        for facts in facts {
            serial += 1
            var after = SourcePositions()
            for other in [Source.intake, .routing] where other != source { after[other] = one.positions[other] }
            one.positions[source] += 1
            let event = try CaseEvent(
                id: EventID(UniqueID(high: 0x0193_0000_0000_7000, low: 0x9000_0000_0000_0000 + serial)), source: source,
                subject: one.subject, type: type(of: facts).type, version: 1, time: now, sequence: one.positions[source], after: after,
                county: edition.index.version, traceparent: nil, stating: facts)
            let context = FlowContext(now: now, counties: counties)
            one.lines += try intake.apply(event, to: &one.intake, in: context).effects
            let made = try RoutingProcess().apply(event, to: &one.routing, in: context)
            one.moves += made.effects
            try state(made.facts, by: .routing, &one)
        }
    }
}
