import AMQP
import AsyncHTTPClient
import CaseFlow
import Models
import Postgres
import ServiceKit

/// Everything that brings the feed to departments, assembled.
struct FeedParts: Sendable {
    private let keeper: SubscriptionKeeper
    private let subscriptions: SubscriptionAPI
    private let fetching: FeedAPI
    private let publisher: AMQPPublisher
    private let connector: HTTPConnector
    private let management: HTTPClient?
    private let bell: FeedBell
    private let client: PostgresClient

    init(
        _ context: RuntimeContext, flow: FlowParts<NotificationProcess, NotificationTables>, seal: SealKey, bell: FeedBell
    ) throws {
        let settings = context.configuration.settings
        self.bell = bell
        client = flow.client
        connector = HTTPConnector(authorities: try settings.optional(.webhookAuthorities))
        var (provision, management) = (QueueProvision?.none, HTTPClient?.none)
        if let url = try settings.optional(.brokerManagementURL) {
            let client = HTTPClient(eventLoopGroupProvider: .singleton)
            guard let made = QueueProvision(url: url.revealed, client: client) else {
                throw StartupFailure("HUIYIN_BROKER_MANAGEMENT_URL must hold a user and a password: http://user:password@127.0.0.1:15672/.")
            }
            (provision, management) = (made, client)
        }
        self.management = management
        do throws(AMQPError) {
            publisher = AMQPPublisher(
                try AMQPConfiguration(url: context.configuration.broker.revealed, connectionName: "huiyin.notification feed"),
                topology: HouseTopology.everything(), logger: context.logger)
        } catch { throw StartupFailure("HUIYIN_BROKER_URL: \(error.message).") }
        let shelf = SubscriptionShelf(client: flow.client, seal: seal)
        let gate = WebhookGate(
            guard: AddressGuard(allowed: try settings.value(.webhookAllowed)), resolver: SystemResolver(), connector: connector)
        let handshake = WebhookHandshake(origin: try settings.value(.webhookOrigin))
        let holder = UniqueID(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)).description
        keeper = SubscriptionKeeper(
            .init(
                webhook: .init(
                    client: flow.client, shelf: shelf, lease: SubscriptionLease(client: flow.client, holder: holder), gate: gate,
                    handshake: handshake, bell: bell, logger: context.logger),
                publisher: publisher, provision: provision, store: flow.store))
        subscriptions = SubscriptionAPI(
            tools: .init(store: flow.store, shelf: shelf, gate: gate, handshake: handshake, provision: provision))
        fetching = FeedAPI(shelf: shelf, reader: FeedReader(client: flow.client), bell: bell)
    }

    func add(to router: ServiceRouter) {
        subscriptions.add(to: router)
        fetching.add(to: router)
    }

    /// The parts in dependency order.
    var parts: [Part] {
        [
            Part(
                "feed publisher",
                Loop {
                    await publisher.run()
                } stop: {
                    await publisher.close()
                }),
            Part(
                "subscriptions",
                Loop {
                    await bell.watch(client)
                    await keeper.run()
                    await connector.close()
                    try? await management?.shutdown()
                }),
        ]
    }
}
