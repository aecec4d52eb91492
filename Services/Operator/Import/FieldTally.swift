import Models

/// What an import of sessions did.
struct FieldTally: Sendable, Equatable {
    /// One kind of thing in the file.
    struct Count: Sendable, Equatable {
        var recorded = 0
        var known = 0
        var rejected = 0

        var json: JSONValue {
            .object([
                "recorded": .integer(Int64(recorded)), "known": .integer(Int64(known)), "rejected": .integer(Int64(rejected)),
            ])
        }

        var sentence: String { "\(recorded) recorded, \(known) known, \(rejected) rejected" }
    }

    var sessions = Count()
    /// Visitors, attendance, policies, households, the beginning and the end.
    var entries = Count()
    var cases = Count()

    var rejected: Int { sessions.rejected + entries.rejected + cases.rejected }

    var json: JSONValue { .object(["sessions": sessions.json, "entries": entries.json, "cases": cases.json]) }

    var sentence: String { "sessions: \(sessions.sentence); entries: \(entries.sentence); cases: \(cases.sentence)" }
}
