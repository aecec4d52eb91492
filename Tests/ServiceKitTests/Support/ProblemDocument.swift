import FoundationEssentials
import Testing

@testable import ServiceKit

/// A problem document as a client reads it.
struct ProblemDocument: Decodable {
    struct Fault: Decodable, Equatable {
        let pointer: String
        let detail: String
    }

    struct Check: Decodable, Equatable {
        let name: String
        let status: String
        let detail: String?
    }

    let type: String
    let title: String
    let status: Int
    let detail: String
    let instance: String?
    let trace: String?
    let errors: [Fault]?
    let checks: [Check]?
}

/// Checks what every problem document has in common and answers with it.
@discardableResult
func problem(_ answer: RawAnswer, _ status: Int, _ slug: String, sourceLocation: SourceLocation = #_sourceLocation) throws
    -> ProblemDocument
{
    let document = try JSONDecoder().decode(ProblemDocument.self, from: Data(answer.body.utf8))
    #expect(answer.status == status, sourceLocation: sourceLocation)
    #expect(answer.headers["content-type"] == "application/problem+json", sourceLocation: sourceLocation)
    #expect(document.type == "urn:huiyin:problem:\(slug)", sourceLocation: sourceLocation)
    #expect(document.status == status, sourceLocation: sourceLocation)
    return document
}
