import Models
import NIOHTTP1
import TestSupport
import Testing

/// Makes confidential cases, with words that stand nowhere else, then tries to see them: as every role and unit, by every
/// endpoint, in messages, feed, tables, logs and the texts of errors (Articles 30 and 46).
///
/// Each finding is a sentence that says who can tell what, and by which request.
struct LeakKit: Sendable {
    let house: RunningHouse
    let desk: StaffDesk
    private let story: LeakStory
    private let records: LeakRecords

    /// Units that are accused in one of the cases, units above and below them, and units that no case concerns.
    private static let units = [
        "education", "linxi", "zhongshan-road", "labour", "dispatch-desk", "petitions", "county", "health", "tax", "market",
        "civil-affairs", "neighbours-team", "justice", LeakStory.heir,
    ]

    init(_ house: RunningHouse) {
        self.house = house
        desk = StaffDesk(house, keys: "leak")
        story = LeakStory(house: house, desk: desk)
        records = LeakRecords(house: house)
    }

    func search() async throws {
        let people = try await LeakPeople(house, units: Self.units, accused: story.accused)
        let ears = try await LeakFeed(house, units: Self.units + ["water"])
        try await story.publishCounty()
        // Before the cases, so that what is counted can be compared.
        let before = try await successions(people)
        let cases = try await story.play()
        let plain = try await plainCase(cases)
        let rested = try await house.run(["check", "--json", "--settle", "60"])
        #expect(rested.code == 0, "\(rested.out)\(rested.err)")

        let missing = StaffDesk.Case(
            id: Subject(.version7(at: Instant(microseconds: 1_764_000_000_000_000), random: (1, 2))).description,
            number: CaseNumber.make(date: LocalDate("2026-11-25") ?? LocalDate(yearStart: 2026), serial: 999_999), code: "")
        let probe = LeakProbe(house: house, missing: missing)
        report(try await probe.differences(LeakProbe.Attempt.looks, by: people.everybody, about: cases))
        report(try await probe.differences(LeakProbe.Attempt.steps, by: people.few, about: cases))
        report(try await lists(people, probe, cases))
        report(try await desks(people, probe, cases))
        report(try await sessions(people, probe, cases))
        report(try await completions(people, probe, cases))
        report(try await petitioners(probe, cases))
        report(try await mergers(people, probe, cases, plain))
        report(try await publicTexts(cases))
        report(try await matters(people, probe, cases))
        let after = try await successions(people)
        #expect(before == after, "the counts of a succession tell of cases")
        #expect(!before.isEmpty)
        report(try await hostileSuccessions(people, probe))
        if let shared = cases.last { report(try await mergeAccused(people, probe, shared)) }

        try await writings(cases, plain, ears)
        try await repeatedWords(cases)
    }

    /// Looks at lists before and after thousands of confidential cases have come: at the end of the day, since every check looks at them all.
    func flood() async throws {
        let people = try await LeakPeople(house, units: ["education"], accused: story.accused)
        report(try await floods(people, LeakProbe(house: house, missing: StaffDesk.Case(id: "", number: "", code: ""))))
    }

    private func report(_ findings: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        for finding in findings.prefix(20) { Issue.record("\(finding)", sourceLocation: sourceLocation) }
        #expect(findings.isEmpty, "\(findings.count) findings", sourceLocation: sourceLocation)
    }

    /// An ordinary case of somebody who also accuses, which everybody in its unit may see: what is found of it shows that the search works.
    private func plainCase(_ cases: [MarkedCase]) async throws -> StaffDesk.Case {
        let person = cases[2].persons
        let body = JSONValue.object([
            "kind": "claim", "title": "工资拖欠", "narrative": "工资拖欠",
            "petitioners": .array([.object(["name": .string(person[0]), "phone": .string(person[1])])]),
        ])
        let (status, found, _) = try await desk.register(body)
        #expect(status == 201)
        try await desk.until("assigned", "labour", of: found)
        return found
    }

    /// The desk of every unit that has a case, is accused in one, or stands above.
    private func desks(_ people: LeakPeople, _ probe: LeakProbe, _ cases: [MarkedCase]) async throws -> [String] {
        let units = Set(cases.flatMap(\.circle)).union(Self.units).sorted()
        return try await probe.concurrently(people.everybody) { person in
            var told: [String] = []
            for path in ["/v1/desk?limit=200"] + units.map({ "/v1/desk?limit=200&unit=\($0)" }) {
                let reply = try await ask(path, .routing, by: person)
                told += marks(of: cases, in: reply, by: person, path)
                // Units' people look at their own desk and at those below.
                if let role = person.role, [.officer, .unitHead].contains(role), person.unit == "education", path.contains("unit="),
                    !path.hasSuffix("unit=education"), reply.status != 403
                {
                    told.append("\(person.name) looks at the desk of another unit: \(path)")
                }
            }
            return told
        }
    }

    private func sessions(_ people: LeakPeople, _ probe: LeakProbe, _ cases: [MarkedCase]) async throws -> [String] {
        let list = try await desk.get("/v1/sessions?limit=200", at: .intake, by: .clerk)
        guard case .array(let sessions)? = list.json?["sessions"] else { return ["there are no sessions to look at"] }
        let paths =
            ["/v1/sessions?limit=200"]
            + sessions.compactMap { $0["id"]?.string }.flatMap { ["/v1/sessions/\($0)", "/v1/sessions/\($0)/cases"] }
        return try await probe.concurrently(people.everybody) { person in
            var told: [String] = []
            for path in paths + ["/v1/roster", "/v1/roster.ics", "/v1/duties?month=2026-11", "/v1/county/definition"] {
                told += marks(of: cases, in: try await ask(path, .intake, by: person), by: person, path)
            }
            return told
        }
    }

    /// Whether an outsider is told that a case is complete; the operator, who may have brought it in, waits for it.
    private func completions(_ people: LeakPeople, _ probe: LeakProbe, _ cases: [MarkedCase]) async throws -> [String] {
        try await probe.concurrently(people.everybody.filter { $0.role != .administrator }) { person in
            let outside = cases.filter(person.isOutside)
            let body = JSONValue.object(["cases": .array(outside.map { .string($0.found.id) } + [.string(probe.missing.id)])])
            let reply = try await house.ask(
                .POST, "/v1/completions", body: body.canonical, headers: person.authorization.map { ["Authorization": $0] } ?? [:])
            if reply.status == 401 { return [] }
            let isSilent =
                reply.json?["completed"]?.number == 0
                && reply.json?["pending"]
                    == .array(
                        outside.map { .string($0.found.id) } + [.string(probe.missing.id)])
            return isSilent ? [] : ["\(person.name) is told that a case is complete: \(reply.json?.text ?? "\(reply.status)")"]
        }
    }

    /// Whoever knows what a petitioner is called, and tries numbers; and who tries codes.
    private func petitioners(_ probe: LeakProbe, _ cases: [MarkedCase]) async throws -> [String] {
        var told: [String] = []
        for marked in cases {
            func follow(_ number: String) async throws -> String {
                var members: [String: JSONValue] = [
                    "kind": "claim", "title": "工资拖欠第二次", "narrative": .string("工资 \(marked.name)"), "follows": .string(number),
                ]
                if marked.persons.isEmpty {
                    members["anonymous"] = true
                } else {
                    members["petitioners"] = .array([.object(["name": .string(marked.persons[0]), "phone": .string(marked.persons[1])])])
                }
                let reply = try await house.ask(.POST, "/v1/cases", body: JSONValue.object(members).canonical)
                return probe.words(reply, about: marked.found)
            }
            if try await follow(marked.found.number) != follow(probe.missing.number) { told.append("\(marked.name) is told of by follows") }
            for step in ["", "/rate", "/withdraw", "/request-review", "/add-material"] {
                func guess(_ found: StaffDesk.Case) async throws -> String {
                    probe.words(
                        try await house.ask(
                            step.isEmpty ? .GET : .POST, "/v1/progress/\(found.number)\(step)", body: step.isEmpty ? nil : Array("{}".utf8),
                            headers: step == "/rate" ? [:] : ["Query-Code": "AAAAAAAAAA", "Idempotency-Key": "leak"]), about: found)
                }
                // Wrong codes are counted for a number from one address, for an address, and loosely for a number. An address of this machine,
                // which many may share, has no count of its own, so that no number rests here; but both have been guessed at as often.
                let serial = Int64(cases.firstIndex { $0.found.id == marked.found.id } ?? 0)
                let nothing = StaffDesk.Case(
                    id: "none",
                    number: CaseNumber.make(date: LocalDate("2026-11-25") ?? LocalDate(yearStart: 2026), serial: 888_880 + serial),
                    code: "")
                if try await guess(marked.found) != guess(nothing) {
                    told.append("\(marked.name) is told of by a wrong query code, \(step)")
                }
            }
        }
        return told
    }

    /// A case that others see is not merged into one that they must not, and whoever tries learns nothing.
    private func mergers(
        _ people: LeakPeople, _ probe: LeakProbe, _ cases: [MarkedCase], _ plain: StaffDesk.Case
    ) async throws -> [String] {
        var told: [String] = []
        func merge(into found: StaffDesk.Case, _ key: String, by person: Outsider) async throws -> String {
            let reply = try await house.ask(
                .POST, "/v1/cases/\(plain.id)/merge", body: JSONValue.object(["into": .string(found.number)]).canonical,
                headers: (person.authorization.map { ["Authorization": $0] } ?? [:]).merging(["Idempotency-Key": key]) { $1 })
            return probe.words(reply, about: found)
        }
        for person in people.everybody where [.clerk, .dispatcher, .officer].contains(person.role) {
            let nothing = try await merge(into: probe.missing, "leak-0", by: person)
            for (index, marked) in cases.enumerated() where person.isOutside(marked) {
                let something = try await merge(into: marked.found, "leak-\(index + 1)", by: person)
                if something != nothing { told.append("\(person.name) can tell \(marked.name) by merging into it: \(something)") }
            }
        }
        for marked in cases where marked.circle.contains("dispatch-desk") {
            let body = JSONValue.object(["into": .string(marked.found.number)])
            let reply = try await desk.take("merge", of: plain, at: .intake, by: .dispatcher, body, expecting: 409)
            if reply.status == 200 { told.append("a case that others see is merged into \(marked.name)") }
        }
        let shown = try await desk.get("/v1/cases/\(plain.id)/ledger", at: .intake, by: .officer("labour"))
        let text = String(decoding: shown.body, as: UTF8.self)
        if !text.contains(plain.number) { told.append("the ledger of an ordinary case is not shown to its unit") }
        for marked in cases where text.contains(marked.found.id) || text.contains(marked.found.number) {
            told.append("the ledger of an ordinary case tells of \(marked.name)")
        }
        return told
    }

    /// What every service says to everybody.
    private func publicTexts(_ cases: [MarkedCase]) async throws -> [String] {
        var told: [String] = []
        for service in [StaffDesk.Service.intake, .routing, .deadline, .notification] {
            for path in ["/metrics", "/readyz", "/livez", "/version", "/v1/keys", "/v1/county", "/v1/cases", "/v1/nothing"] {
                let reply = try await house.ask(.GET, path, service: service.rawValue)
                told += marks(of: cases, in: reply, by: Outsider(name: "everybody"), "\(service.rawValue)\(path)")
            }
        }
        let operated = [["case", "list"], ["dead", "list"], ["check", "--json"], ["status"]]
        for words in operated {
            let output = try await house.run(words)
            for marked in cases { if let mark = marked.mark(in: output.out + output.err) { told.append("huiyin \(words) shows \(mark)") } }
        }
        for marked in cases {
            for words in [["ledger", "get", marked.found.number], ["case", "show", marked.found.number]] {
                let output = try await house.run(words)
                if let mark = marked.words.first(where: (output.out + output.err).contains) { told.append("huiyin \(words) shows \(mark)") }
                if output.code == 0 { told.append("huiyin \(words) finds \(marked.name)") }
            }
        }
        return told
    }

    /// What the house has written down, and what it has sent to departments.
    private func writings(_ cases: [MarkedCase], _ plain: StaffDesk.Case, _ ears: LeakFeed) async throws {
        let (notices, seen) = try records.notices(of: cases)
        report(notices)
        #expect(seen > 10, "the notices of those who work on the cases were looked at")
        let (logs, files) = records.logs(of: cases)
        report(logs)
        #expect(files >= 6)
        let (tables, count) = try await records.tables(of: cases)
        report(tables)
        #expect(count > 20)
        report(try await ears.told(of: cases, plain.number))
        try await ears.end()
    }

    /// The words of an accusation, told again without an accused, are no repetition of it.
    private func repeatedWords(_ cases: [MarkedCase]) async throws {
        let marked = cases[1]
        let body = JSONValue.object([
            "kind": "claim", "title": .string(marked.words[0]), "narrative": .string(marked.words[1]),
            "petitioners": .array([.object(["name": .string(marked.persons[0]), "phone": .string(marked.persons[1])])]),
        ])
        let again = try await desk.register(body)
        #expect(again.status == 201 && again.receipt.number != marked.found.number)
    }

    func ask(_ path: String, _ service: StaffDesk.Service, by person: Outsider) async throws -> RunningHouse.Reply {
        try await house.ask(.GET, path, headers: person.authorization.map { ["Authorization": $0] } ?? [:], service: service.rawValue)
    }

    /// The marks that an answer holds of cases that are none of the asker's business.
    func marks(of cases: [MarkedCase], in reply: RunningHouse.Reply, by person: Outsider, _ path: String) -> [String] {
        let text = String(decoding: reply.body, as: UTF8.self)
        return cases.filter(person.isOutside).compactMap { marked in
            marked.mark(in: text).map { "\(person.name) reads \($0) of \(marked.name) by \(path)" }
        }
    }
}
