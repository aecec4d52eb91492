public import CaseFlow
import Crypto
import HTTPTypes
public import Hummingbird
public import Models

/// What every command on a case has in common over HTTP: who gives it, its Idempotency-Key, and the revision in If-Match.
public struct CommandRequest: Sendable {
    public let by: ActingPerson
    /// The revision of the case that the one who asks saw; nil for any.
    public let expected: CaseLife.Revision?
    public let body: [UInt8]
    private let claim: (key: ClaimKey, digest: [UInt8])
    private let traceparent: String

    /// Reads a request by `person`; `scope` tells apart those who share a role, such as the petitioners of different cases.
    ///
    /// Throws a problem when the key is missing or If-Match holds no entity tag of a case.
    public init(
        _ request: Hummingbird.Request, by person: ActingPerson, scope: String = "", within context: ServiceRequestContext
    ) async throws {
        let idempotency = try IdempotencyKey.required(in: request)
        by = person
        expected = try Self.expected(request)
        body = try await request.body(within: context, upTo: 1 << 20)
        claim = idempotency.claim(of: request, by: person, scope: scope, body: body)
        traceparent = context.trace.description
    }

    /// The command as the engine takes it.
    public func command<Command: Sendable>(_ command: Command, on subject: Subject) -> CaseFlow.Request<Command> {
        CaseFlow.Request(subject: subject, command: command, idempotency: claim, traceparent: traceparent)
    }

    private static func expected(_ request: Hummingbird.Request) throws(Problem) -> CaseLife.Revision? {
        let values = request.headers[values: .ifMatch]
        guard let first = values.first, first != "*" else { return nil }
        guard values.count == 1, first.hasPrefix("\""), first.hasSuffix("\""),
            let revision = CaseLife.Revision(String(first.dropFirst().dropLast()))
        else {
            throw Problem(
                .malformedRequest, detail: "If-Match holds the one entity tag that the case was read with, such as \"3.2\" with its quotes."
            )
        }
        return revision
    }
}

extension IdempotencyKey {
    /// The name under which the answer to a request is kept, and the digest that tells whether the same was asked.
    ///
    /// A key is one person's own, in one role for one unit, at one address: nobody is given an answer that was another's.
    public func claim(
        of request: Hummingbird.Request, by person: ActingPerson, scope: String = "", body: [UInt8]
    ) -> (key: ClaimKey, digest: [UInt8]) {
        let who = [person.role.rawValue, person.unit?.text ?? "-", person.person?.text ?? "-"].joined(separator: " ")
        let name = "\(request.method.rawValue) \(request.uri.path) \(who) \(scope) \(value)"
        return (ClaimKey(digest: SHA256.hash(data: Array(name.utf8))), Array(SHA256.hash(data: body)))
    }
}

extension JSONAnswer {
    /// The answer to a command on a case: what the process answered, with the case's new entity tag.
    public init(command answer: Answer) throws(Problem) {
        let (bytes, repeated) = try answer.bytes()
        self.init(bytes: bytes)
        if repeated { headers[.idempotentReplayed] = "true" }
        // The members are the process's own: the revision is what the case is at after the command.
        if case .object(let members)? = try? JSONValue(parsing: bytes), case .string(let revision)? = members["revision"] {
            headers[.eTag] = "\"\(revision)\""
        }
    }
}

extension Subject {
    /// Reads the identifier of a case from an address; a text that is none names a case that does not exist.
    public init(path text: String) throws(Problem) {
        guard let subject = Subject(text) else { throw Problem(Refusal.unknownCase) }
        self = subject
    }
}
