import Models
import NIOHTTP1
import TestSupport
import Testing

/// Successions: by those who may not ask for one, by administrators who want to learn from one, and one that really happens.
extension LeakKit {
    /// From whom to whom: units that have a part in a marked case, and units that are accused in one, their heirs among them.
    private static let pairs = [
        ("discipline", "water"), ("civil-affairs", "water"), ("city-petitions", "water"), ("development", "water"),
        ("education", "discipline"), ("health", "civil-affairs"), ("discipline", "education"), ("discipline", "linxi"),
        ("discipline", "labour"), ("discipline", "dispatch-desk"), ("civil-affairs", "health"), ("development", "tax"),
        ("development", "market"), ("tax", "market"), ("city-petitions", "county"), ("linxi", LeakStory.heir),
        (LeakStory.heir, "linxi"),
    ]

    private func succession(
        _ from: String, _ to: String, isDryRun: Bool, by person: Outsider
    ) async throws -> RunningHouse.Reply {
        try await house.ask(
            .POST, "/v1/units/\(from)/succession", body: Array(#"{"to":"\#(to)","dryRun":\#(isDryRun)}"#.utf8),
            headers: person.authorization.map { ["Authorization": $0] } ?? [:], service: "routing")
    }

    /// What `units/{unit}/succession` would do, as those see it who may ask, and what they are told when the county does not say so.
    func successions(_ people: LeakPeople) async throws -> [String] {
        var told: [String] = []
        // The operator, and administrators of units that are accused or come to be heirs.
        let units = ["education", "linxi", "zhongshan-road", LeakStory.heir]
        let askers = people.everybody.filter { $0.role == .administrator && $0.unit.map(units.contains) ?? true }
        #expect(askers.count == units.count + 1)
        for asker in askers {
            for (from, to) in Self.pairs {
                let reply = try await succession(from, to, isDryRun: true, by: asker)
                told.append("\(asker.name), \(from) to \(to): \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
            }
            for (from, to) in [("discipline", "education"), ("civil-affairs", "health"), ("tax", "discipline"), ("tax", "education")] {
                let reply = try await succession(from, to, isDryRun: false, by: asker)
                #expect([409, 503].contains(reply.status), "\(asker.name) moves \(from) to \(to)")
                told.append("\(asker.name), \(from) to \(to) at once: \(reply.status) \(reply.json?["detail"]?.text ?? "")")
            }
        }
        return told
    }

    /// Nobody but an administrator is told anything, or moves anything, whatever they ask for.
    func hostileSuccessions(_ people: LeakPeople, _ probe: LeakProbe) async throws -> [String] {
        try await probe.concurrently(people.everybody.filter { $0.role != .administrator }) { person in
            var told: [String] = []
            var first: String?
            for (from, to) in Self.pairs {
                for isDryRun in [true, false] {
                    let reply = try await succession(from, to, isDryRun: isDryRun, by: person)
                    let words = probe.words(reply, about: probe.missing)
                    if ![401, 403].contains(reply.status) || words != first ?? words {
                        told.append("\(person.name) asks to merge \(from) into \(to) and is told \(words)")
                    }
                    first = words
                }
            }
            return told
        }
    }

    /// Merges an accused unit into the one that handles the case in which it is accused: that one loses the case, and sees it no more.
    func mergeAccused(_ people: LeakPeople, _ probe: LeakProbe, _ shared: MarkedCase) async throws -> [String] {
        let officer = StaffDesk.Person.officer(LeakStory.heir)
        #expect(try await desk.get("/v1/cases/\(shared.found.id)", at: .routing, by: officer).status == 200)
        let words = ["unit", "merge", "linxi", "--into", LeakStory.heir]
        let foretold = try await house.run(words)
        let done = try await house.run(words + ["--yes"])
        let again = try await house.run(words)
        func count(_ output: RunningHouse.Output) -> Int? { output.out.split(separator: " ").compactMap { Int($0) }.first }
        #expect(done.code == 0 && count(foretold) == count(done) && count(again) == 0, "\(foretold)\(done)\(again)")
        var told: [String] = []
        for output in [foretold, done, again] {
            if let mark = shared.mark(in: output.out + output.err) { told.append("huiyin \(words) shows \(mark)") }
        }

        let after = shared.known(to: ["dispatch-desk"])
        try await desk.until("accepted", "dispatch-desk", of: after.found)
        for service in [StaffDesk.Service.intake, .routing] {
            try await eventually("\(service) hides the case from those who had it") {
                try await desk.get("/v1/cases/\(after.found.id)", at: service, by: officer).status == 404
            }
        }
        let heirs = people.everybody.filter { $0.unit == LeakStory.heir }
        let merged = people.everybody.filter { ["linxi", "zhongshan-road"].contains($0.unit) }
        told += try await probe.differences(LeakProbe.Attempt.looks + LeakProbe.Attempt.steps, by: heirs, about: [after])
        told += try await probe.differences(LeakProbe.Attempt.looks, by: merged, about: [after])
        told += try await probe.concurrently(heirs + merged) { person in
            var told: [String] = []
            for (path, service) in [
                ("/v1/cases?limit=200", StaffDesk.Service.intake), ("/v1/cases?limit=200&unit=dispatch-desk", .intake),
                ("/v1/desk?limit=200", .routing), ("/v1/desk?limit=200&unit=\(LeakStory.heir)", .routing),
                ("/v1/desk?limit=200&unit=dispatch-desk", .routing),
            ] { told += marks(of: [after], in: try await ask(path, service, by: person), by: person, path) }
            return told
        }
        return told
    }
}
