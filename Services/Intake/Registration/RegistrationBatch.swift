import HTTPTypes
import Models
import ServiceKit

/// The body of `POST /v1/cases/batch`: `{"cases":[{"key":"…","case":{…}},…]}`, where `key` does for one case what the header
/// `Idempotency-Key` does for a request.
struct RegistrationBatch {
    struct Item {
        var key: IdempotencyKey?
        /// The body that `POST /v1/cases` would take.
        var body: [UInt8]
    }

    let items: [Item]

    static let largest = 100

    /// Takes the items apart; whether each can be registered shows later, for each alone.
    ///
    /// Throws a problem that concerns the message as a whole: 400 for what is no JSON, 422 for another shape.
    init(_ body: [UInt8]) throws(Problem) {
        var items: [Item] = []
        var faults = FaultList()
        var (isList, isTooLong) = (false, false)
        do throws(JSONError) {
            try JSONScanner.scan(body) { scanner throws(JSONError) in
                try scanner.object { (scanner, name) throws(JSONError) in
                    guard name == "cases" else {
                        faults.add("/\(FaultList.step(name))", "this field is not known; leave it out")
                        _ = try scanner.skip()
                        return
                    }
                    isList = true
                    try scanner.array { (scanner) throws(JSONError) in
                        if items.count < Self.largest {
                            items.append(try Self.item(&scanner, body, at: "/cases/\(items.count)", &faults))
                        } else {
                            isTooLong = true
                            _ = try scanner.skip()
                        }
                    }
                }
                try scanner.end()
            }
        } catch {
            throw Problem(
                .malformedRequest, detail: "The body is not acceptable JSON, \(error). Send {\"cases\": [{\"key\": …, \"case\": {…}}, …]}.")
        }
        if !isList { faults.add("/cases", "cases is missing; it is an array") }
        if isTooLong { faults.add("/cases", "there are more than \(Self.largest) cases; send them in several requests") }
        try faults.check()
        self.items = items
    }

    private static func item(
        _ scanner: inout JSONScanner, _ body: [UInt8], at place: String, _ faults: inout FaultList
    ) throws(JSONError) -> Item {
        var (key, form): (IdempotencyKey?, Range<Int>?)
        try scanner.object { (scanner, name) throws(JSONError) in
            switch name {
            case "case": form = try scanner.skip()
            case "key":
                let value = try scanner.value()
                if case .string(let text) = value { key = IdempotencyKey(text) }
                if key == nil {
                    faults.add("\(place)/key", "key is no string of 1 to 255 visible ASCII characters")
                }
            default:
                _ = try scanner.skip()
                faults.add("\(place)/\(FaultList.step(name))", "this field is not known; leave it out")
            }
        }
        if form == nil { faults.add("\(place)/case", "case is missing; it is an object") }
        return Item(key: key, body: form.map { Array(body[$0]) } ?? [])
    }
}

/// What became of one case of a batch: as an answer to a request of its own, in one JSON object.
enum RegistrationOutcome {
    case registered(RegistrationAnswer)
    case refused(Problem)

    func write(into bytes: inout [UInt8]) {
        switch self {
        case .registered(let answer):
            bytes.append(contentsOf: "{\"status\":\(answer.known ? 200 : 201),\"receipt\":".utf8)
            bytes.append(contentsOf: answer.receipt.canonical)
        case .refused(let problem):
            bytes.append(contentsOf: "{\"status\":\(problem.status.code),\"problem\":".utf8)
            bytes.append(contentsOf: problem.document(instance: nil, trace: nil))
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
