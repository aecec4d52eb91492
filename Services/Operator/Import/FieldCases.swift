import Models
import NIOHTTP1

/// Registers the cases of a session, many with one request, each under the identifier it was given in the field.
struct FieldCases {
    /// Asks intake, again and again until it answers.
    let ask: FieldImport.Ask
    let say: (String) -> Void
    /// How long a lot may wait for an answer to each of its cases.
    let patience: Duration

    private static let largestCount = 50
    private static let largestSize = 1 << 20

    /// The cases by the names of the matters; one that intake refuses is named and missing.
    func register(_ matters: [FieldSession.Matter], _ tally: inout FieldTally) async throws -> [EntryID: CaseID] {
        var cases: [EntryID: CaseID] = [:]
        var rest = matters[...]
        while !rest.isEmpty {
            var (lot, size) = ([FieldSession.Matter](), 0)
            while let next = rest.first, lot.isEmpty || lot.count < Self.largestCount && size + next.body.count < Self.largestSize {
                lot.append(rest.removeFirst())
                size += next.body.count
            }
            try await send(lot, &cases, &tally)
        }
        return cases
    }

    private func send(_ lot: [FieldSession.Matter], _ cases: inout [EntryID: CaseID], _ tally: inout FieldTally) async throws {
        var waiting = lot
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(100)
        while !waiting.isEmpty {
            let reply = try await ask(.POST, "/v1/cases/batch", request(waiting), nil)
            let results = reply.json?["results"]?.elements ?? []
            guard reply.status == 200, results.count == waiting.count else {
                // Something in it spoils the whole request: each half for itself, down to the case that does.
                if waiting.count == 1 { return reject(waiting[0], reply.problem, &tally) }
                let middle = waiting.count / 2
                try await send(Array(waiting[..<middle]), &cases, &tally)
                return try await send(Array(waiting[middle...]), &cases, &tally)
            }
            var again: [FieldSession.Matter] = []
            for (matter, result) in zip(waiting, results) {
                guard case .integer(let status)? = result["status"] else {
                    reject(matter, "intake said nothing of this case; import the file again", &tally)
                    continue
                }
                switch status {
                case 200, 201:
                    if status == 201 { tally.cases.recorded += 1 } else { tally.cases.known += 1 }
                    cases[matter.id] = (result["receipt"] ?? result["known"])?["id"].flatMap { CaseID($0.plain) }
                case 429, 500..<600: again.append(matter)
                default: reject(matter, IntakeClient.sentence(of: result["problem"] ?? .null) ?? "intake answered \(status)", &tally)
                }
            }
            waiting = again
            if waiting.isEmpty { return }
            if ContinuousClock.now - start > patience {
                for matter in waiting {
                    reject(
                        matter, "intake could not register this case for \(patience); look at its logs, and import the file again", &tally)
                }
                return
            }
            try await Task.sleep(for: pause * Double.random(in: 0.75...1.25))
            pause = min(pause * 2, .seconds(3))
        }
    }

    private func reject(_ matter: FieldSession.Matter, _ reason: String, _ tally: inout FieldTally) {
        tally.cases.rejected += 1
        say("\(matter.place): \(reason.replacing(#/\/cases\/\d+(\/case)?/#, with: ""))")
    }

    private func request(_ matters: [FieldSession.Matter]) -> [UInt8] {
        var bytes = Array("{\"cases\":[".utf8)
        for (index, matter) in matters.enumerated() {
            bytes.append(contentsOf: "\(index > 0 ? "," : ""){\"key\":\"field-\(matter.id)\",\"case\":".utf8)
            bytes.append(contentsOf: matter.body)
            bytes.append(UInt8(ascii: "}"))
        }
        return bytes + Array("]}".utf8)
    }
}
