import Models
import Postgres

/// The table `writers`: who wrote which case, by the beginning of the keyed hash of the person.
enum WriterRows {
    /// Nil for a person whose hash is not one of this house.
    static func key(of person: String) -> Subject? {
        let digits = person.prefix(32)
        guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16) else {
            return nil
        }
        return Subject(UniqueID(high: high, low: low))
    }

    static func statements(adding writers: [(subject: Subject, person: String)]) -> [SQL] {
        let known = writers.compactMap { writer in key(of: writer.person).map { (person: $0, subject: writer.subject) } }
        if known.isEmpty { return [] }
        return [
            """
            INSERT INTO writers (person, subject) SELECT * FROM unnest(\(known.map(\.person)), \(known.map(\.subject)))
            ON CONFLICT DO NOTHING
            """
        ]
    }
}
