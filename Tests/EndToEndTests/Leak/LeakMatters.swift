import Models
import NIOHTTP1

extension LeakKit {
    /// What is told of matters, issues and loads: that something is like a confidential case, or counts it, would tell of it.
    func matters(_ people: LeakPeople, _ probe: LeakProbe, _ cases: [MarkedCase]) async throws -> [String] {
        let told = try await probe.concurrently(people.everybody) { person in
            var told: [String] = []
            for path in ["/v1/issues?limit=100", "/v1/units/load"] {
                let reply = try await ask(path, .routing, by: person)
                told += marks(of: cases, in: reply, by: person, path)
                guard case .array(let issues)? = reply.json?["issues"] else { continue }
                for id in issues.compactMap({ $0["id"]?.string }) {
                    told += marks(of: cases, in: try await ask("/v1/issues/\(id)", .routing, by: person), by: person, "an issue")
                }
            }
            for marked in cases where person.isOutside(marked) { told += try await known(marked, by: person) }
            return told
        }
        return told + (try await LeakRecords(house: house).matters(of: cases))
    }

    /// Whoever asks whether a matter is known, with all that stands in a confidential case, learns no more than of one that nobody wrote.
    private func known(_ marked: MarkedCase, by person: Outsider) async throws -> [String] {
        guard marked.persons.count == 2, marked.words.count >= 2 else { return [] }
        func ask(_ title: String, _ narrative: String, _ name: String, _ phone: String) async throws -> RunningHouse.Reply {
            let body = JSONValue.object([
                "title": .string(title), "narrative": .string(narrative),
                "petitioners": .array([.object(["name": .string(name), "phone": .string(phone)])]),
            ])
            return try await house.ask(
                .POST, "/v1/known-cases", body: body.canonical, headers: person.authorization.map { ["Authorization": $0] } ?? [:])
        }
        let reply = try await ask(marked.words[0], marked.words[1], marked.persons[0], marked.persons[1])
        return marks(of: [marked], in: reply, by: person, "/v1/known-cases")
    }
}
