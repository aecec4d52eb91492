import Models

/// Which column of a CSV file is which field of a case.
struct ImportColumns {
    /// The fields that a file may give, with the column names that are taken unless `--map` says otherwise.
    static let standard: [(field: String, column: String)] = [
        ("name", "user"), ("phone", "phone"), ("title", "title"), ("narrative", "narrative"), ("occurredAt", "at"), ("kind", "kind"),
        ("channel", "channel"), ("topic", "topic"), ("region", "region"), ("urgency", "urgency"), ("likes", "likes"), ("tags", "tags"),
    ]

    private var places: [String: Int] = [:]

    /// Finds the columns in `header`, with `map` holding `field=column` pairs; throws a sentence when something is missing.
    init(header: [String], map: [String]) throws(CommandFailure) {
        var names = Dictionary(Self.standard.map { ($0.field, $0.column) }) { first, _ in first }
        var mapped: Set<String> = []
        for pair in map.flatMap({ $0.split(separator: ",") }) {
            let parts = pair.split(separator: "=", maxSplits: 1)
            let fields = Self.standard.map(\.field).joined(separator: ", ")
            guard parts.count == 2, names[String(parts[0])] != nil else {
                throw CommandFailure("--map \(pair) is not FIELD=COLUMN with a field of \(fields).")
            }
            names[String(parts[0])] = String(parts[1])
            mapped.insert(String(parts[0]))
        }
        for (field, column) in names {
            if let place = header.firstIndex(of: column) {
                places[field] = place
            } else if mapped.contains(field) {
                throw CommandFailure("The header has no column \(column), which --map names for \(field).")
            }
        }
        for needed in ["title", "narrative"] where places[needed] == nil {
            throw CommandFailure(
                "The header has no column \(names[needed] ?? needed) for the field \(needed); name it with --map \(needed)=COLUMN.")
        }
    }

    /// The body of a registration.
    ///
    /// A cell of blanks says nothing, and what is one line in a case is made one line: a cell may have been wrapped by hand.
    func body(of fields: [String]) -> [UInt8] {
        func field(_ name: String) -> String? {
            guard let place = places[name], place < fields.count, !fields[place].allSatisfy(\.isWhitespace) else { return nil }
            guard name != "narrative" else { return fields[place] }
            return String(fields[place].map { $0.isNewline || $0 == "\t" ? " " : $0 })
        }
        var body: [String: JSONValue] = [
            "kind": .string(field("kind") ?? CaseKind.claim.rawValue), "channel": .string(field("channel") ?? Channel.web.rawValue),
            "title": .string(field("title") ?? ""), "narrative": .string(field("narrative") ?? ""),
        ]
        for name in ["occurredAt", "topic", "region", "urgency"] { if let value = field(name) { body[name] = .string(value) } }
        // What is no number is said so by intake, with its place.
        if let likes = field("likes") { body["likes"] = Int64(likes).map { .integer($0) } ?? .string(likes) }
        if let tags = field("tags") {
            body["tags"] = .array(tags.split { $0.isWhitespace || ",;，；、".contains($0) }.map { .string(String($0)) })
        }
        var person: [String: JSONValue] = [:]
        if let name = field("name") { person["name"] = .string(name) }
        if let phone = field("phone") { person["phone"] = .string(phone) }
        if person.isEmpty { body["anonymous"] = true } else { body["petitioners"] = [.object(person)] }
        return JSONValue.object(body).canonical
    }
}
