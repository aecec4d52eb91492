import CaseFlow
import HTTPTypes
import Hummingbird
import Models
import Postgres
import ServiceKit

/// The operator's doors to subscriptions: making them, looking at them, and what may be done with them.
struct SubscriptionAPI: Sendable {
    /// What the doors work with.
    struct Tools: Sendable {
        var store: PostgresStore<NotificationTables>
        var shelf: SubscriptionShelf
        var gate: WebhookGate
        var handshake: WebhookHandshake
        var provision: QueueProvision?
    }

    let tools: Tools

    func add(to router: ServiceRouter) {
        let staff = router.staffGroup("v1", roles: [.administrator])
        staff.post("subscriptions") { request, context in try await make(request, context) }
        staff.get("subscriptions") { _, _ in
            JSONAnswer(.object(["subscriptions": .array(try await SubscriptionView.all(nil, from: tools.shelf.client, tools.shelf))]))
        }
        staff.get("subscriptions/{code}") { _, context in
            let code = try code(context)
            guard let shown = try await SubscriptionView.all(code, from: tools.shelf.client, tools.shelf).first else { throw Self.unknown }
            return JSONAnswer(shown)
        }
        for name in SubscriptionOrder.Name.allCases {
            staff.post("subscriptions/{code}/\(name.rawValue)") { request, context in
                let order = try SubscriptionOrder(name, try await request.body(within: context), now: SystemTime.now)
                return try await take(order, try code(context))
            }
        }
    }

    static let unknown = Problem.notFound("There is no subscription of this name: `huiyin subscription list` shows those there are.")

    private func code(_ context: ServiceRequestContext) throws -> SubscriptionCode {
        guard let code = SubscriptionCode(try context.parameters.require("code")) else { throw Self.unknown }
        return code
    }

    private func make(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let current = try await tools.store.book(with: []).current
        let form = try SubscriptionForm(try await request.body(within: context), in: current?.index)
        guard let current else {
            throw Problem.unavailable("No county is in force yet: publish one with `huiyin county apply`.", retryAfter: .seconds(5))
        }
        if form.definition.kind == .amqp, tools.provision == nil {
            throw Problem(
                .conflict,
                detail: "No queue can be made: this service was started without HUIYIN_BROKER_MANAGEMENT_URL. Set it, and restart."
            )
        }
        if let url = form.definition.url { try await greet(url) }
        let secret = SubscriptionSecrets.fresh(form.definition.kind, form.code)
        let isMade = try await tools.shelf.add(
            form.code, unit: form.unit, form.definition, SubscriptionSecrets(current: secret),
            in: (current.index.version, current.index), from: form.start == .beginning ? 0 : nil)
        guard isMade else {
            throw Problem(.conflict, detail: "There is a subscription \(form.code) already: choose another name, or remove that one first.")
        }
        if let provision = tools.provision, form.definition.kind == .amqp {
            do { try await provision.make(form.code, room: form.definition.room ?? QueueDelivery.standardRoom, password: secret) } catch {
                _ = try await tools.shelf.remove(form.code)
                throw Problem(.conflict, detail: "The queue cannot be made: \(error).")
            }
        }
        return JSONAnswer(.object(told(form.code, form.definition.kind, secret)), status: .created)
    }

    /// What is told once: the secret, and how it is used.
    private func told(_ code: SubscriptionCode, _ kind: SubscriptionDefinition.Kind, _ secret: String) -> [String: JSONValue] {
        var members: [String: JSONValue] = ["code": .string(code.text), "kind": .string(kind.rawValue), "secret": .string(secret)]
        if kind == .amqp {
            members["queue"] = .string(QueueProvision.queue(code))
            members["user"] = .string(QueueProvision.queue(code))
        }
        return members
    }

    /// Asks a webhook's end whether it wants what would come.
    private func greet(_ url: String) async throws {
        do {
            let target = try WebhookTarget(url)
            let reply: WebhookReply
            do { reply = try await tools.gate.send(tools.handshake.request(to: target), within: .seconds(10)) } catch let refusal
                as TargetRefusal
            {
                throw refusal
            } catch {
                throw TargetRefusal(
                    "the address gives no answer to OPTIONS: start what listens there, and make sure that it can be reached")
            }
            _ = try tools.handshake.grant(in: reply)
        } catch let refusal as TargetRefusal {
            throw Problem.invalidContent([.init(pointer: "/url", detail: refusal.description)])
        }
    }

    private func take(_ order: SubscriptionOrder, _ code: SubscriptionCode) async throws -> JSONAnswer {
        guard let found = try await tools.shelf.all(code).first else { throw Self.unknown }
        var answer: [String: JSONValue] = ["code": .string(code.text)]
        switch order {
        case .pause(let reason): _ = try await tools.shelf.set(code, .paused, reason ?? "an operator paused it")
        case .resume:
            if let url = found.definition.url { try await greet(url) }
            _ = try await tools.shelf.set(code, .active, nil)
        case .replayAfter(let number): try await replay(found, after: number, &answer)
        case .replaySince(let moment): try await replay(found, after: try await tools.shelf.number(of: code, before: moment), &answer)
        case .rotate: answer = try await rotate(found)
        case .test: answer["answer"] = .string(try await test(found))
        case .remove:
            if found.definition.kind == .amqp { try await tools.provision?.remove(code) }
            _ = try await tools.shelf.remove(code)
        }
        return JSONAnswer(.object(answer))
    }

    private func replay(_ found: Subscription, after number: Int64, _ answer: inout [String: JSONValue]) async throws {
        guard number <= found.number else {
            throw Problem.invalidContent([
                .init(pointer: "/after", detail: "the subscription has come to number \(found.number) only; begin at an earlier one")
            ])
        }
        _ = try await tools.shelf.replay(found.code, after: number)
        answer["after"] = .integer(number)
    }

    private func rotate(_ found: Subscription) async throws -> [String: JSONValue] {
        let secret = SubscriptionSecrets.fresh(found.definition.kind, found.code)
        guard let former = try await tools.shelf.secrets(of: found.code) else { throw Self.unknown }
        if found.definition.kind == .amqp, let provision = tools.provision {
            if try await !provision.isThere(found.code) { _ = try await tools.shelf.rewind(found.code) }
            // A user of RabbitMQ has one password: the former one ends at once.
            try await provision.make(found.code, room: found.definition.room ?? QueueDelivery.standardRoom, password: secret)
            try await tools.shelf.store(SubscriptionSecrets(current: secret), of: found.code)
        } else {
            try await tools.shelf.store(former.rotated(to: secret, at: SystemTime.now), of: found.code)
        }
        return told(found.code, found.definition.kind, secret)
    }

    /// Sends something that tells of no case; says what was answered.
    private func test(_ found: Subscription) async throws -> String {
        guard found.definition.kind == .webhook, let url = found.definition.url, let secrets = try await tools.shelf.secrets(of: found.code)
        else {
            throw Problem(.conflict, detail: "Only a webhook can be tested: a queue and a fetching system show themselves what they get.")
        }
        let post = WebhookPost(
            target: try WebhookTarget(url), form: found.definition.form ?? .structured, secrets: secrets.counting(at: SystemTime.now))
        let id = EventID(UniqueID.version7(at: SystemTime.now, random: (.random(in: 0 ... .max), .random(in: 0 ... .max))))
        guard let request = post.test(of: found.code, id: id, at: SystemTime.now) else { throw Self.unknown }
        do {
            let reply = try await tools.gate.send(request, within: .seconds(15))
            return "\(reply.status)"
        } catch {
            return (error as? TargetRefusal)?.description ?? "it gave no answer"
        }
    }
}
