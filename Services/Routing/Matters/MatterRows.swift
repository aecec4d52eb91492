import Models
import Postgres

/// The rows of the tables `matters` and `matters_waiting`.
enum MatterRows {
    static func statements(adding matters: [Matter]) -> [SQL] {
        if matters.isEmpty { return [] }
        func array(_ numbers: [some CustomStringConvertible]) -> String { "{" + numbers.map(\.description).joined(separator: ",") + "}" }
        let subjects = matters.map(\.subject)
        return [
            """
            INSERT INTO matters (subject, registered_at, sketch, bands, opening, writers, likes)
            SELECT subject, registered_at, sketch, bands::int4[], opening, writers::int8[], likes
            FROM unnest(\(subjects), \(matters.map(\.registered)), \(matters.map { $0.sketch?.bytes }),
                \(matters.map { array($0.sketch?.bands ?? []) }), \(matters.map(\.opening)), \(matters.map { array($0.writers) }),
                \(matters.map(\.likes))) AS u(subject, registered_at, sketch, bands, opening, writers, likes)
            """,
            "INSERT INTO matters_waiting (subject) SELECT * FROM unnest(\(subjects))",
        ]
    }
}
