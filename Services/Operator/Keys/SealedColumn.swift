import Postgres

/// A column that holds sealed texts and may be written again.
///
/// Lines of the ledger, bundles, held events and dead letters are not among them: what they hold was hashed or sent as it is.
struct SealedColumn: Sendable {
    var schema: String
    var table: String
    var key: String
    var column: String
    /// Whether sealed texts stand in it as strings of a JSON document; otherwise it is one sealed text.
    var isJSON = true
    /// Whether it is what a service remembers of a case, which changes together with the case's clock row.
    var isState = false

    static let all = [
        SealedColumn(schema: "intake", table: "registrations", key: "subject", column: "petitioners"),
        SealedColumn(schema: "intake", table: "sessions", key: "subject", column: "record", isState: true),
        SealedColumn(schema: "notification", table: "cases", key: "subject", column: "state", isState: true),
        SealedColumn(schema: "notification", table: "notices", key: "id", column: "contact", isJSON: false),
        SealedColumn(schema: "notification", table: "subscriptions", key: "id", column: "secrets", isJSON: false),
    ]

    var name: String { "\(schema).\(table)" }

    /// The column as bytes.
    var bytes: String { isJSON ? column : "convert_to(\(column), 'UTF8')" }

    var count: SQL { "SELECT count(*) FROM \(identifier: schema).\(identifier: table)" }
}
