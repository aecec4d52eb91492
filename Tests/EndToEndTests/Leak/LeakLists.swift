import Models

extension LeakKit {
    /// Lists of cases, narrowed in many ways, page by page; whether there is another page must depend on what is shown alone.
    func lists(_ people: LeakPeople, _ probe: LeakProbe, _ cases: [MarkedCase]) async throws -> [String] {
        let filters = [
            "", "kind=accusation", "kind=claim", "unit=discipline", "unit=county", "stage=assigned,accepted,answered", "overdue=true",
            "text=\(Self.escaped("暗记"))", "text=\(Self.escaped("暗记题"))&kind=accusation",
        ]
        return try await probe.concurrently(people.few) { person in
            var told: [String] = []
            // Without a filter every case that they may know of is listed.
            var known = 0
            for filter in filters { told += try await pages(filter, by: person, cases, &known) }
            told += try await words(by: person, probe, cases)
            told += try await cursors(by: person, probe, cases)
            return told
        }
    }

    /// How many cases that its asker may know of a page examines; one of which fewer match is short, and another follows.
    private static let budget = 256

    private func pages(_ filter: String, by person: Outsider, _ cases: [MarkedCase], _ known: inout Int) async throws -> [String] {
        var (told, after, pages, short): ([String], String?, Int, Int) = ([], nil, 0, 0)
        repeat {
            let limit = pages < 3 ? 3 : 200
            let path = "/v1/cases?limit=\(limit)" + (filter.isEmpty ? "" : "&\(filter)") + (after.map { "&after=\($0)" } ?? "")
            let reply = try await ask(path, .intake, by: person)
            told += marks(of: cases, in: reply, by: person, path)
            guard case .array(let lines)? = reply.json?["cases"] else {
                return [401, 403].contains(reply.status) ? told : told + ["\(person.name) by \(path): \(reply.status)"]
            }
            after = reply.json?["next"]?.string
            if filter.isEmpty { known += lines.count }
            if after == nil, lines.count == limit { told.append("\(person.name) is told by \(filter) of no page behind a full one") }
            // Those that are hidden must not make pages shorter than those that are known do.
            if after != nil, lines.count < limit { short += 1 }
            if short > (filter.isEmpty ? 0 : known / Self.budget) {
                told.append("\(person.name) can tell from the pages of \(filter) that cases are hidden")
            }
            if let after, !Self.isSealed(after, cases) { told.append("\(person.name) reads where a page ends: \(after)") }
            pages += 1
        } while after != nil && pages < 40
        return told
    }

    /// Each word of a case, and its number, as a text to look for.
    private func words(by person: Outsider, _ probe: LeakProbe, _ cases: [MarkedCase]) async throws -> [String] {
        func answer(_ word: String, about found: StaffDesk.Case) async throws -> String {
            probe.words(try await ask("/v1/cases?text=\(Self.escaped(word))", .intake, by: person), about: found)
        }
        let nothing = try await answer("无此暗语", about: probe.missing)
        var told: [String] = []
        for marked in cases where person.isOutside(marked) {
            for word in marked.words + [marked.found.number] {
                let something = try await answer(word, about: marked.found)
                if something != nothing { told.append("\(person.name) finds \(word) of \(marked.name): \(something)") }
            }
        }
        return told
    }

    /// Pages that begin behind a case, behind none, and where another's page ended: all are refused alike.
    private func cursors(by person: Outsider, _ probe: LeakProbe, _ cases: [MarkedCase]) async throws -> [String] {
        let others = try await desk.get("/v1/cases?limit=1", at: .intake, by: .clerk).json?["next"]?.string
        guard let others else { return ["there is no other's page to go on with"] }
        var told: [String] = []
        for after in cases.filter(person.isOutside).map(\.found.id) + [probe.missing.id, others] {
            let reply = try await ask("/v1/cases?after=\(after)", .intake, by: person)
            if ![401, 403, 422].contains(reply.status) { told.append("\(person.name) begins a page at \(after): \(reply.status)") }
        }
        return told
    }

    private static func isSealed(_ next: String, _ cases: [MarkedCase]) -> Bool {
        let digits = next.filter(\.isHexDigit).lowercased()
        return Subject(next) == nil && !cases.contains { digits.contains($0.found.id.filter(\.isHexDigit)) }
    }

    /// A text as it stands in an address.
    static func escaped(_ text: String) -> String {
        text.utf8.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
