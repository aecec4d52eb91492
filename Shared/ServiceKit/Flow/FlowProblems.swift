import CaseFlow
import HTTPTypes
import Postgres

extension Answer {
    /// What the asker gets, and whether it had been given before; throws the refusal as a problem document.
    public func bytes() throws(Problem) -> ([UInt8], repeated: Bool) {
        switch self {
        case .done(let bytes): return (bytes, false)
        case .repeated(let bytes): return (bytes, true)
        case .refused(let refusal): throw Problem(refusal)
        }
    }
}

extension Problem {
    /// A refusal of a command, under the stable name of its rule.
    public init(_ refusal: Refusal) {
        let status: HTTPResponse.Status =
            switch refusal.kind {
            case .conflict: .conflict
            case .unknown: .notFound
            case .forbidden: .forbidden
            case .changed: .preconditionFailed
            case .invalid: .unprocessableContent
            case .unavailable: .serviceUnavailable
            }
        self.init(
            ProblemType(refusal.rule, title: "The rules do not allow this", status: status), detail: refusal.sentence,
            headers: refusal.kind == .unavailable ? [.retryAfter: "1"] : [:])
    }

    /// Makes problems of what CaseFlow throws; nil for errors that nobody foresaw.
    public static func ofFlow(_ error: any Error) -> Problem? {
        let isRetryable = (error as? StoreFailure)?.isRetryable ?? (error as? PostgresError)?.isRetryable ?? false
        if isRetryable {
            return .unavailable(
                "The database cannot be used at this moment. Ask again, with the same Idempotency-Key: it is known whether this request took effect.",
                retryAfter: .seconds(1))
        }
        return nil
    }
}
