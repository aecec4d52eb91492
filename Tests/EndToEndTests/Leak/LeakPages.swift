import Models
import NIOHTTP1
import TestSupport
import Testing

/// Pages of lists before which more confidential cases lie than they have room for.
extension LeakKit {
    /// More than a page examines of the cases that its asker may know of (500) and than fit on it (200); fewer than the 6,000 hidden ones after
    /// which a page stops short.
    private static let flood = 2100

    private static let paths: [(path: String, service: StaffDesk.Service)] =
        [
            "", "kind=accusation", "unit=discipline", "unit=discipline,education", "stage=assigned", "stage=assigned&kind=claim",
            "topic=education", "text=\(escaped("暗记"))", "text=\(escaped("学校"))", "text=\(escaped("洪"))",
        ].map { ("/v1/cases?\($0)", .intake) } + [("/v1/desk?unit=discipline", .routing), ("/v1/desk?unit=education", .routing)]

    /// Every list as each of some people sees it, before and after the cases came that they must not know of.
    func floods(_ people: LeakPeople, _ probe: LeakProbe) async throws -> [String] {
        // One of each kind of sight: a unit's own, the county's, a desk's, a leader's, and the operator's.
        let askers = people.everybody.filter { person in
            person.unit == "education" && [.officer, .clerk, .dispatcher, .leader].contains(person.role)
                || person.unit == nil && person.role == .administrator
        }
        #expect(askers.count == 5)
        let before = try await views(of: askers, probe)

        var ids: [JSONValue] = []
        for start in stride(from: 0, to: Self.flood, by: 100) {
            let cases = (start..<start + 100).map { index -> JSONValue in
                .object([
                    "key": .string("flood-\(index)"),
                    "case": .object([
                        "kind": "accusation", "title": .string("暗记洪水学校 \(index)"), "narrative": "暗记", "anonymous": true,
                        "topic": "education", "accused": .array([.object(["unit": "education"])]),
                    ]),
                ])
            }
            let reply = try await house.ask(
                .POST, "/v1/cases/batch", body: JSONValue.object(["cases": .array(cases)]).canonical, staff: true)
            guard case .array(let results)? = reply.json?["results"] else { return ["the flood is not registered: \(reply.status)"] }
            ids += results.compactMap { $0["receipt"]?["id"] }
        }
        #expect(ids.count == Self.flood)
        for start in stride(from: 0, to: ids.count, by: 300) {
            let body = JSONValue.object(["cases": .array(Array(ids[start..<min(start + 300, ids.count)]))]).canonical
            try await eventually(within: .seconds(300), "the flood is assigned") {
                try await house.ask(.POST, "/v1/completions", body: body, staff: true).json?["pending"] == .array([])
            }
        }
        let inside = try await desk.get("/v1/cases?limit=200&kind=accusation", at: .intake, by: .officer("discipline"))
        guard case .array(let lines)? = inside.json?["cases"], lines.count == 200 else { return ["who handles the flood does not see it"] }

        let after = try await views(of: askers, probe)
        return zip(before, after).filter { $0 != $1 }.map { "\($0) before the flood, and \($1) after it" }
    }

    /// What somebody is shown by some lists: which cases, page by page, and whether another page follows.
    private func views(of people: [Outsider], _ probe: LeakProbe) async throws -> [String] {
        try await probe.concurrently(people) { person in
            var views: [String] = []
            for (path, service) in Self.paths {
                for limit in [3, 200] { views.append(try await view(path, service, limit, by: person)) }
            }
            return views
        }.sorted()
    }

    private func view(_ path: String, _ service: StaffDesk.Service, _ limit: Int, by person: Outsider) async throws -> String {
        var (pages, after): ([String], String?) = ([], nil)
        repeat {
            let reply = try await ask(
                "\(path)&limit=\(limit)".replacing("?&", with: "?") + (after.map { "&after=\($0)" } ?? ""), service, by: person)
            guard case .array(let lines)? = reply.json?["cases"] else { return "\(person.name) by \(path): \(reply.status)" }
            after = reply.json?["next"]?.string
            pages.append(lines.compactMap { $0["id"]?.string }.joined(separator: " ") + (after == nil ? "." : "…"))
        } while after != nil && pages.count < 4
        return "\(person.name) sees by \(path), \(limit) to a page: \(pages.joined(separator: " | "))"
    }
}
