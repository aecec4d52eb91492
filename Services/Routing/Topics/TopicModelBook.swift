import Models
import Postgres

/// The tables `topic_models` and `topic_choices`: every model that was made, and which was in force since when.
public struct TopicModelBook: Sendable {
    /// A stored model, without its bytes.
    public struct Entry: Sendable {
        public var version: String
        public var examples: Int
        /// Of held-out examples, in thousandths: how many were right, and how many may be given alone with 98 of 100 right.
        public var accuracy: Int
        public var coverage: Int
        public var made: Instant
        public var isInForce: Bool
    }

    private let client: PostgresClient
    /// The schema, for whoever comes in by another's; nil for one's own.
    private let schema: String

    public init(client: PostgresClient, schema: String = "routing") {
        self.client = client
        self.schema = schema
    }

    /// The version in force; nil for none.
    public func inForce() async throws -> String? {
        try await client.run("SELECT version FROM \(identifier: schema).topic_choices ORDER BY serial DESC LIMIT 1").first?.optional(0)
    }

    /// The bytes of a model; nil for one that is not here.
    public func bytes(of version: String) async throws -> [UInt8]? {
        try await client.run("SELECT bytes FROM \(identifier: schema).topic_models WHERE version = \(version)").first?.value(0)
    }

    /// The models, the latest first.
    public func list() async throws -> [Entry] {
        let current = try await inForce()
        return try await client.run(
            """
            SELECT version, examples, accuracy, coverage, made_at FROM \(identifier: schema).topic_models ORDER BY made_at DESC, version
            """
        ).map { row in
            let version: String = try row.value(0)
            return Entry(
                version: version, examples: try row.value(1), accuracy: try row.value(2), coverage: try row.value(3),
                made: try row.value(4), isInForce: version == current)
        }
    }

    /// Stores a model; one that is here already stays as it is.
    public func add(_ model: TopicModel) async throws {
        let (calibration, last) = (model.calibration, model.calibration.curve.last)
        let accuracy = last.map { $0.taken > 0 ? 1000 * $0.right / $0.taken : 0 } ?? 0
        try await client.run(
            """
            INSERT INTO \(identifier: schema).topic_models (version, bytes, examples, accuracy, coverage)
            VALUES (\(model.version), \(model.bytes), \(model.examples), \(accuracy), \(Int(calibration.coverage(precision: 0.98) * 1000)))
            ON CONFLICT (version) DO NOTHING
            """)
    }

    /// Puts a model in force, or none; false for one that is not here.
    public func choose(_ version: String?) async throws -> Bool {
        try await client.run(
            """
            INSERT INTO \(identifier: schema).topic_choices (version)
            SELECT \(version)::text WHERE \(version == nil) OR EXISTS (SELECT FROM \(identifier: schema).topic_models WHERE version = \(version))
            RETURNING 1
            """
        ).count == 1
    }
}
