import Models
import NIOHTTP1
import TestSupport
import Testing

/// Departments of many units that ask for everything the feed has.
struct LeakFeed {
    /// A subscription that fetches.
    private struct Ear {
        var code: String
        var unit: String
        var token: String
    }

    private let house: RunningHouse
    private let ears: [Ear]

    /// Subscribes each of the units to everything, from the feed's beginning on.
    init(_ house: RunningHouse, units: [String]) async throws {
        self.house = house
        var ears: [Ear] = []
        for unit in units {
            let body: JSONValue = .object([
                "code": .string("leak-\(unit)"), "unit": .string(unit), "kind": "pull", "start": "beginning",
            ])
            let reply = try await house.ask(.POST, "/v1/subscriptions", body: body.canonical, staff: true, service: "notification")
            let token = try #require(reply.json?["secret"]?.string, "\(String(decoding: reply.body, as: UTF8.self))")
            ears.append(Ear(code: "leak-\(unit)", unit: unit, token: token))
        }
        self.ears = ears
    }

    /// What departments are told of cases whose circle they are not in; `plain` is what everybody hears of.
    func told(of cases: [MarkedCase], _ plain: String) async throws -> [String] {
        var told: [String] = []
        var heard = 0
        for ear in ears {
            let shown = try await house.ask(.GET, "/v1/subscriptions/\(ear.code)", staff: true, service: "notification")
            // One whose unit has ended belongs to the unit that took over.
            let units = Set([ear.unit, shown.json?["unit"]?.string].compactMap { $0 })
            let events = try await events(for: ear)
            // Written once and looked through together: there are thousands.
            let written = events.map(\.text).joined(separator: "\n")
            if !written.contains(plain) { told.append("\(ear.code) does not hear of an ordinary case") }
            let positions = events.compactMap { $0["position"]?.string.flatMap { Int($0) } }
            if positions != Array(1...max(positions.count, 1)) {
                told.append("\(ear.code) can tell by its numbers that something is hidden")
            }
            for marked in cases {
                let mark = marked.mark(in: written)
                if units.isDisjoint(with: marked.circle) {
                    if let mark { told.append("the feed tells \(ear.code) \(mark) of \(marked.name)") }
                } else if mark != nil {
                    heard += 1
                }
            }
        }
        if heard == 0 { told.append("nobody of a circle hears of its case, so nothing is shown") }
        return told
    }

    private func events(for ear: Ear) async throws -> [JSONValue] {
        var (events, after) = ([JSONValue](), 0)
        while true {
            let reply = try await house.ask(
                .GET, "/v1/feed?after=\(after)&limit=500", headers: ["Authorization": "Bearer \(ear.token)"], service: "notification")
            guard case .array(let more)? = reply.json?["events"], !more.isEmpty else { return events }
            events += more
            after = reply.json?["next"]?.number ?? after
        }
    }

    func end() async throws {
        for ear in ears {
            _ = try await house.ask(
                .POST, "/v1/subscriptions/\(ear.code)/remove", body: Array("{}".utf8), staff: true, service: "notification")
        }
    }
}
