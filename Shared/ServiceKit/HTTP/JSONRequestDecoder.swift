import FoundationEssentials
import HTTPTypes
public import Hummingbird
import NIOCore

/// Decodes a JSON body, answering what is wrong with it as a problem that points to the place.
public struct JSONRequestDecoder: RequestDecoder {
    public init() {}

    /// Decodes the body.
    ///
    /// Throws a problem: 415 for another type, 413 for too large a body, 400 for what is not JSON, 422 for JSON that is not a
    /// `T`.
    public func decode<T: Decodable>(_ type: T.Type, from request: Request, context: some RequestContext) async throws -> T {
        guard Self.isJSON(request.headers[.contentType]) else {
            throw Problem(.unsupportedMediaType, detail: "Send the body as JSON with the header Content-Type: application/json.")
        }
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        return try Self.decode(type, from: Data(body.readableBytesView))
    }

    static func decode<T: Decodable>(_ type: T.Type, from body: Data) throws(Problem) -> T {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom(instant)
        do {
            return try decoder.decode(type, from: body)
        } catch let error as DecodingError {
            throw problem(for: error)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(.invalidContent, detail: "The content could not be read as what this route takes.")
        }
    }

    /// Reads an instant with or without fractions of a second.
    ///
    /// Foundation's own strategy forgets the place of a fault.
    private static func instant(from decoder: any Decoder) throws -> Date {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let style = Date.ISO8601FormatStyle()
        if let instant = try? style.parse(text) { return instant }
        if let instant = try? style.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted).parse(text) {
            return instant
        }
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "an instant like 2026-03-01T08:00:00Z is expected here")
    }

    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let essence = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        return essence == "application/json" || (essence.hasPrefix("application/") && essence.hasSuffix("+json"))
    }

    private static func problem(for error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, let context):
            return .invalidContent([Problem.Fault(pointer: pointer(to: context.codingPath + [key]), detail: "a value is required here")])
        case .valueNotFound(_, let context):
            return .invalidContent([Problem.Fault(pointer: pointer(to: context.codingPath), detail: "null is not a value here")])
        case .typeMismatch(let type, let context):
            return .invalidContent([
                Problem.Fault(pointer: pointer(to: context.codingPath), detail: "\(words(for: type)) is expected here")
            ])
        case .dataCorrupted(let context):
            guard !context.codingPath.isEmpty else {
                return Problem(
                    .malformedRequest, detail: "The body is not JSON: check its commas, quotes and brackets, and that it is UTF-8.")
            }
            return .invalidContent([Problem.Fault(pointer: pointer(to: context.codingPath), detail: sentencePart(context.debugDescription))]
            )
        @unknown default:
            return Problem(.invalidContent, detail: "The content could not be read as what this route takes.")
        }
    }

    /// The pointer to a coding path (RFC 6901): `/units/0/name~1short`.
    static func pointer(to path: [any CodingKey]) -> String {
        path.map { key in
            let step = key.intValue.map { "\($0)" } ?? key.stringValue
            return "/" + step.replacing("~", with: "~0").replacing("/", with: "~1")
        }.joined()
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is Double.Type, is Float.Type: "a number"
        case is [Any].Type: "a list"
        case is [String: Any].Type: "an object"
        default: "another kind of value"
        }
    }

    /// A type's own description of its fault, without the full stop that the problem's detail adds.
    private static func sentencePart(_ description: String) -> String {
        description.hasSuffix(".") ? String(description.dropLast()) : description
    }
}
