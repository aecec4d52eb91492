import Models
import ServiceKit

/// The body of `POST /v1/completions`: `{"cases": […]}` with the identifiers of cases.
struct CompletionsForm {
    /// The most cases that are asked for at once.
    static let most = 10_000

    let cases: [CaseID]

    /// Reads a body; throws a problem that names what is wrong by its place.
    init(_ body: [UInt8]) throws(Problem) {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: body) } catch {
            throw Problem(.malformedRequest, detail: "The body is not acceptable JSON, \(error). Send {\"cases\": […]}.")
        }
        guard case .object(let members) = json else {
            throw Problem(.invalidContent, detail: "The body is \(json.kind); send {\"cases\": […]}.")
        }
        var reader = FormReader(members)
        if members["cases"] ?? .null == .null { reader.fault("/cases", "cases is missing; it is an array") }
        let elements = reader.elements("cases")
        var cases: [CaseID] = []
        if elements.count > Self.most {
            reader.fault("/cases", "there are more than \(Self.most) identifiers; ask with several requests")
        } else {
            for (index, element) in elements.enumerated() {
                if case .string(let text) = element, let id = CaseID(text) {
                    cases.append(id)
                } else {
                    reader.fault("/cases/\(index)", "this is no identifier of a case")
                }
            }
        }
        try reader.finish().check()
        self.cases = cases
    }
}
