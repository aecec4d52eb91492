import CaseFlow
import Glibc
import Models
import Postgres
import ServiceKit

extension Setting where Value == Duration {
    /// By how much finding a unit is made slower, to measure how work spreads over processes.
    static var decisionPause: Self {
        .duration(
            "HUIYIN_DECISION_PAUSE", meaning: "by how much measurements make finding a unit slower", example: "5ms",
            in: .zero...(.seconds(1)), default: .zero)
    }
}

/// Assembles routing.
public enum RoutingService {
    public static let migrations =
        FlowMigrations.all + [
            Migration(name: "M0001_routing", sql: PackageResources.M0001_routing_sql),
            Migration(name: "M0002_desk", sql: PackageResources.M0002_desk_sql),
            Migration(name: "M0003_topics", sql: PackageResources.M0003_topics_sql),
            Migration(name: "M0004_loads", sql: PackageResources.M0004_loads_sql),
            Migration(name: "M0005_matters", sql: PackageResources.M0005_matters_sql),
            Migration(name: "M0006_room", sql: PackageResources.M0006_room_sql),
        ]

    /// The service's OpenAPI document, in YAML.
    public static let openAPI = PackageResources.openapi_yaml

    /// The parts in dependency order.
    public static func assemble(_ context: RuntimeContext) throws -> [Part] {
        let (topics, loads) = (TopicShelf(), LoadShelf())
        let pause = try context.configuration.settings.value(.decisionPause)
        let wait: @Sendable () -> Void = { _ = usleep(UInt32(pause / .microseconds(1))) }
        let process = RoutingProcess(topics: topics, loads: loads, beforeDeciding: pause > .zero ? wait : nil)
        let flow = try FlowParts(context, process: process, tables: RoutingTables(), migrations: migrations)
        let book = LoadBook(client: flow.client)
        let (api, loadAPI) = (RoutingAPI(flow: flow), LoadAPI(flow: flow, book: book))
        let watch = TopicWatch(book: TopicModelBook(client: flow.client), shelf: topics, logger: context.logger)
        let store = flow.store
        let counting = LoadWatch(
            book: book, shelf: loads, isAsked: { try await store.book(with: []).current?.index.definition.asksForLoads ?? false },
            logger: context.logger)
        let desk = flow.desk
        let issues = IssueKeeper(
            client: flow.client, logger: context.logger, county: { try await store.book(with: []).current?.index },
            state: { heating, subject, name in
                try await desk.submit(Request(subject: subject, command: .heat(heating), idempotency: (name, name.bytes)))
            })
        return flow.parts([
            Part("issues", Loop { await issues.run() }),
            Part("topics", Loop { await watch.run() }),
            Part("loads", Loop { await counting.run() }),
            Part(
                ServiceHTTP(context, checks: flow.checks, openAPI: openAPI, translate: Problem.ofFlow) {
                    api.add(to: $0)
                    loadAPI.add(to: $0)
                }),
        ])
    }
}
