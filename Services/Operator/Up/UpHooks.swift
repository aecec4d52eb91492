/// What `up` and `status` need from the rest of the operator's tool.
///
/// The program gives them to its commands for the length of a run:
///
///     await UpHooks.$current.withValue(hooks) { await HuiyinCommand.main() }
public struct UpHooks: Sendable {
    /// Brings every schema to this version.
    ///
    /// The arguments are the administrator's URL of the database, the password of each
    /// service's role (`huiyin_intake` …) and where to say what was done. Throws a sentence.
    public var migrate: @Sendable (String, [String: String], @escaping @Sendable (String) -> Void) async throws -> Void
    /// The version of the county definition that is in force, nil when none is yet.
    ///
    /// Throws a sentence.
    public var countyInForce: @Sendable (HouseAddresses) async throws -> String?
    /// The version that the county files of a folder would have; throws their mistakes.
    public var countyVersion: @Sendable (String) throws -> String
    /// Puts the county definition of a folder into force and answers its version.
    ///
    /// Throws a sentence.
    public var applyCounty: @Sendable (HouseAddresses, String) async throws -> String
    /// What each service has in hand, by service name.
    public var statusRows: @Sendable (HouseAddresses) async throws -> [String: StatusRow]

    public init(
        migrate: @escaping @Sendable (String, [String: String], @escaping @Sendable (String) -> Void) async throws -> Void,
        countyInForce: @escaping @Sendable (HouseAddresses) async throws -> String?,
        countyVersion: @escaping @Sendable (String) throws -> String,
        applyCounty: @escaping @Sendable (HouseAddresses, String) async throws -> String,
        statusRows: @escaping @Sendable (HouseAddresses) async throws -> [String: StatusRow]
    ) {
        self.migrate = migrate
        self.countyInForce = countyInForce
        self.countyVersion = countyVersion
        self.applyCounty = applyCounty
        self.statusRows = statusRows
    }

    /// The hooks of this run.
    @TaskLocal public static var current: UpHooks?

    static func required() throws(UpFailure) -> UpHooks {
        guard let current else { throw UpFailure("This program was built without what `up` needs: build it anew from a clean clone.") }
        return current
    }
}

/// What one service has in hand: counts that are near zero in a house at rest.
public struct StatusRow: Sendable, Equatable {
    /// Messages in its queue; nil when the broker does not say.
    public var queued: Int?
    /// Bundles in its outbox.
    public var outbox: Int
    /// Events that wait for an earlier one.
    public var held: Int
    /// Events that need somebody.
    public var deadLetters: Int
    /// Notices that no way could deliver, of notification.
    public var failedNotices: Int

    public init(queued: Int?, outbox: Int, held: Int, deadLetters: Int, failedNotices: Int = 0) {
        self.queued = queued
        self.outbox = outbox
        self.held = held
        self.deadLetters = deadLetters
        self.failedNotices = failedNotices
    }
}
