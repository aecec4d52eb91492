import Models

/// A department's own system that gets the feed, or a part of it.
public struct Subscription: Sendable, Hashable {
    public enum Phase: String, Sendable, CaseIterable {
        case active
        /// An operator stopped it; what it misses waits for it.
        case paused
        /// Its end said that it is gone (410); resuming tries again.
        case ended
    }

    public var code: SubscriptionCode
    /// Whose it is now.
    public var unit: UnitCode
    public var definition: SubscriptionDefinition
    public var phase: Phase
    /// Why it is not active.
    public var reason: String?
    /// How far it got: of all entries up to `position` the `number` that match were delivered, or are parked.
    public var position: Int64
    public var number: Int64
    /// What a replay passes over: numbers up to this one.
    public var skip: Int64
    /// Failures of its end in a row.
    public var failures: Int
    /// When its end is tried again; nil when it is not shut off.
    public var retryAt: Instant?
    public var lastAnswer: String?
    public var lastSuccess: Instant?
    public var created: Instant
}

/// What was settled when a subscription was made; for another filter make another subscription.
public struct SubscriptionDefinition: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Posted to an address.
        case webhook
        /// Put into a queue of its own in RabbitMQ.
        case amqp
        /// Fetched by the department with `GET /v1/feed`.
        case pull
    }

    /// How a webhook's requests spell events (CloudEvents HTTP binding 1.0).
    public enum Form: String, Codable, Sendable, CaseIterable {
        case structured, binary, batch
    }

    public var kind: Kind
    public var filter: FeedFilter
    /// Of a webhook: where to.
    public var url: String?
    /// Of a webhook.
    public var form: Form?
    /// Of a queue: how many messages may wait in it before the rest waits in the feed instead.
    public var room: Int?

    public init(kind: Kind, filter: FeedFilter, url: String? = nil, form: Form? = nil, room: Int? = nil) {
        self.kind = kind
        self.filter = filter
        self.url = url
        self.form = form
        self.room = room
    }
}

/// An entry with its number in one subscription: 1, 2, 3… without gaps over everything that the subscription gets.
public struct NumberedEntry: Sendable, Hashable {
    public var number: Int64
    /// Its place in the whole feed, which nobody outside learns: it would tell of entries that are hidden.
    public var position: Int64
    public var event: EventID
    public var subject: Subject
    public var type: String
    public var time: Instant
    /// The CloudEvent, without the number.
    public var body: [UInt8]

    /// The CloudEvent as one JSON object, with the extension attribute `position` in front: the number as text, since integers
    /// of CloudEvents have 32 bits.
    public var document: [UInt8] { Array(#"{"position":"\#(number)","#.utf8) + body.dropFirst() }
}
