import AMQP
import CaseFlow
import Logging
import Metrics
import Models
import Postgres
import ServiceKit

/// Sees to it that every active subscription is delivered by exactly one process.
///
/// It takes what nobody holds, renews what it holds, and stops what it has lost. It lets filters follow the county in force, and says
/// when a department has got nothing for long.
actor SubscriptionKeeper {
    struct Tools: Sendable {
        var webhook: WebhookDelivery.Tools
        var publisher: AMQPPublisher
        /// Nil when the broker's management API is not known: then no queue is served.
        var provision: QueueProvision?
        var store: PostgresStore<NotificationTables>
    }

    private struct Running {
        var epoch: Int64
        var task: Task<Void, Never>
        var delivery = Delivery()
    }

    /// What a running delivery is told when its right was renewed.
    private actor Delivery {
        private var webhook: WebhookDelivery?
        private var queue: QueueDelivery?

        func begin(_ webhook: WebhookDelivery?, _ queue: QueueDelivery?) {
            self.webhook = webhook
            self.queue = queue
        }

        func renew(until end: ContinuousClock.Instant) async {
            await webhook?.renew(until: end)
            await queue?.renew(until: end)
        }
    }

    private let tools: Tools
    private var running: [SubscriptionCode: Running] = [:]
    private var nextLook = ContinuousClock.now
    private var silent = Set<SubscriptionCode>()

    private static let pause = Duration.seconds(2)
    /// After this long without a success, while something waits, the operator is told.
    static let patience = Duration.seconds(3600)

    init(_ tools: Tools) { self.tools = tools }

    func run() async {
        while !Task.isCancelled {
            do {
                try await once()
            } catch {
                if !Task.isCancelled {
                    tools.webhook.logger.debug("subscriptions cannot be taken now", metadata: .of([.reason: "\(error)"]))
                }
            }
            try? await Task.sleep(for: Self.pause)
        }
        for entry in running.values { entry.task.cancel() }
        for entry in running.values { await entry.task.value }
        // Outside of the cancelled task, so that it still reaches the database.
        let lease = tools.webhook.lease
        await Task { try? await lease.release() }.value
    }

    /// Takes, renews and drops once.
    func once() async throws {
        let asked = ContinuousClock.now
        let held = try await tools.webhook.lease.take()
        for (code, entry) in running where held[code] != entry.epoch {
            entry.task.cancel()
            await entry.task.value
            running[code] = nil
        }
        for (code, epoch) in held {
            if let entry = running[code] {
                await entry.delivery.renew(until: asked + SubscriptionLease.length)
            } else {
                start(code, epoch)
            }
        }
        if let county = try await tools.store.book(with: []).current {
            let changed = try await tools.webhook.shelf.follow(county.index.version, county.index)
            if !changed.isEmpty {
                tools.webhook.logger.notice("subscriptions follow the county in force", metadata: .of([.count: "\(changed.count)"]))
            }
        }
        guard nextLook <= .now else { return }
        nextLook = .now + .seconds(30)
        try await lookForSilence()
    }

    /// A delivery came to its end by itself: what is still this process's is begun anew.
    private func ended(_ code: SubscriptionCode, _ epoch: Int64) { if running[code]?.epoch == epoch { running[code] = nil } }

    private func start(_ code: SubscriptionCode, _ epoch: Int64) {
        let delivery = Delivery()
        let tools = tools
        running[code] = Running(
            epoch: epoch,
            task: Task {
                var pause = Pause()
                while !Task.isCancelled {
                    do {
                        guard try await Self.deliver(code, epoch, delivery, tools) else { return ended(code, epoch) }
                        pause.reset()
                    } catch {
                        if Task.isCancelled { return }
                        _ = try? await tools.webhook.shelf.note(code, "\(error)")
                        tools.webhook.logger.warning(
                            "a subscription cannot be delivered now", metadata: .of([.reason: "\(code): \(error)"]))
                    }
                    await pause.wait()
                }
            }, delivery: delivery)
    }

    /// Delivers until something ends it; false when the subscription is not this process's, or needs no delivering.
    private static func deliver(_ code: SubscriptionCode, _ epoch: Int64, _ delivery: Delivery, _ tools: Tools) async throws -> Bool {
        guard let held = try await tools.webhook.lease.held(code), held.epoch == epoch,
            let secrets = try await tools.webhook.shelf.secrets(of: code)
        else { return false }
        switch held.definition.kind {
        case .pull:
            // Nothing to do but to hold it, so that nobody else looks either.
            try await Task.sleep(for: .seconds(3600))
        case .webhook:
            let parked = try await ParkedEntries(client: tools.webhook.client, code: code).cases()
            guard let webhook = WebhookDelivery(held, secrets: secrets, parkedCases: parked, tools: tools.webhook) else { return false }
            await delivery.begin(webhook, nil)
            try await webhook.run()
        case .amqp:
            guard let provision = tools.provision else { throw StartupFailure("HUIYIN_BROKER_MANAGEMENT_URL is not set") }
            let queue = QueueDelivery(
                held,
                tools: .init(
                    client: tools.webhook.client, shelf: tools.webhook.shelf, lease: tools.webhook.lease, publisher: tools.publisher,
                    provision: provision, bell: tools.webhook.bell, logger: tools.webhook.logger))
            await delivery.begin(nil, queue)
            try await queue.run(password: secrets.current)
        }
        return true
    }

    /// Departments that have got nothing for an hour though their end was tried: the operator is told once for each.
    private func lookForSilence() async throws {
        let rows = try await tools.webhook.client.run(
            """
            SELECT code FROM subscriptions WHERE phase = 'active' AND failures > 0
                AND coalesce(last_success_at, created_at) < now() - make_interval(secs => \(Self.patience / .seconds(1)))
            """)
        let found = try Set(rows.map { SubscriptionCode(validated: try $0.value(0)) })
        for code in found.subtracting(silent) {
            tools.webhook.logger.error("a department has got nothing for an hour", metadata: .of([.reason: "\(code)"]))
        }
        silent = found
        Gauge(label: "huiyin_silent_subscriptions", dimensions: [("service", Source.notification.rawValue)]).record(found.count)
    }
}
