import HTTPTypes
import Models
import ServiceKit

/// The body of `POST /v1/cases/batch`: `{"cases":[{"key":"…","case":{…}},…]}`, where `key` does for one case what the header
/// `Idempotency-Key` does for a request.
struct RegistrationBatch {
    /// One element of `cases`.
    enum Item {
        /// The body that `POST /v1/cases` would take, and its key.
        case candidate(key: IdempotencyKey?, body: [UInt8])
        /// It is no element that could be tried.
        case refused(Problem)
    }

    let items: [Item]

    static let largest = 100

    /// Where an item stands in the body, as a JSON pointer.
    static func place(of index: Int) -> String { "/cases/\(index)" }

    /// Takes the items apart; what is wrong inside one stays with that one.
    ///
    /// Throws a problem that concerns the message as a whole: 400 for what is no JSON around the items, 422 for another shape.
    init(_ body: [UInt8]) throws(Problem) {
        var items: [Item] = []
        var faults = FaultList()
        var (lists, isTooLong) = (0, false)
        do throws(JSONError) {
            try JSONScanner.scan(body) { scanner throws(JSONError) in
                try scanner.object { (scanner, name) throws(JSONError) in
                    guard name == "cases" else {
                        faults.add("/\(FaultList.step(name))", "this field is not known; leave it out")
                        _ = try scanner.span()
                        return
                    }
                    lists += 1
                    try scanner.array { (scanner) throws(JSONError) in
                        let span = try scanner.span()
                        if items.count < Self.largest {
                            items.append(Self.item(body, span, at: Self.place(of: items.count)))
                        } else {
                            isTooLong = true
                        }
                    }
                }
                try scanner.end()
            }
        } catch {
            throw Problem(
                .malformedRequest, detail: "The body is not acceptable JSON, \(error). Send {\"cases\": [{\"key\": …, \"case\": {…}}, …]}.")
        }
        if lists == 0 { faults.add("/cases", "cases is missing; it is an array") }
        if lists > 1 { faults.add("/cases", "cases stands more than once; send one array") }
        if isTooLong { faults.add("/cases", "there are more than \(Self.largest) cases; send them in several requests") }
        try faults.check()
        self.items = items
    }

    private static func item(_ body: [UInt8], _ span: Range<Int>, at place: String) -> Item {
        var faults = FaultList()
        var (keys, forms): ([IdempotencyKey?], [Range<Int>]) = ([], [])
        do throws(JSONError) {
            try JSONScanner.scan(body, at: span.lowerBound) { scanner throws(JSONError) in
                try scanner.object { (scanner, name) throws(JSONError) in
                    switch name {
                    // Whether it is a case, the form finds out, as strictly as for a request of its own.
                    case "case": forms.append(try scanner.span())
                    case "key":
                        if case .string(let text) = try scanner.value() { keys.append(IdempotencyKey(text)) } else { keys.append(nil) }
                    default:
                        faults.add("\(place)/\(FaultList.step(name))", "this field is not known; leave it out")
                        _ = try scanner.span()
                    }
                }
            }
        } catch {
            return .refused(
                Problem(
                    .malformedRequest, detail: "This element of cases is not acceptable JSON.",
                    errors: [Problem.Fault(pointer: place, detail: "it is not acceptable JSON, \(error)")]))
        }
        if keys.contains(nil) { faults.add("\(place)/key", "key is no string of 1 to 255 visible ASCII characters") }
        if keys.count > 1 { faults.add("\(place)/key", "key stands more than once; give it once") }
        if forms.isEmpty { faults.add("\(place)/case", "case is missing; it is an object") }
        if forms.count > 1 { faults.add("\(place)/case", "case stands more than once; give it once") }
        do throws(Problem) { try faults.check() } catch { return .refused(error) }
        return .candidate(key: keys.first ?? nil, body: forms.first.map { Array(body[$0]) } ?? [])
    }
}

/// What became of one case of a batch: as an answer to a request of its own, in one JSON object.
enum RegistrationOutcome {
    case registered(RegistrationAnswer)
    case refused(Problem)

    func write(into bytes: inout [UInt8]) {
        switch self {
        case .registered(let answer):
            bytes.append(contentsOf: (answer.known ? "{\"status\":200,\"known\":" : "{\"status\":201,\"receipt\":").utf8)
            bytes.append(contentsOf: answer.shown)
        case .refused(let problem):
            bytes.append(contentsOf: "{\"status\":\(problem.status.code),\"problem\":".utf8)
            bytes.append(contentsOf: problem.document(instance: nil, trace: nil))
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
