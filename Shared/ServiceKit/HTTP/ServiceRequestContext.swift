public import FoundationEssentials
public import Hummingbird
public import Models
import NIOCore

/// What a handler knows of its request besides the request itself: trace, logger, parameters and limits.
public struct ServiceRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// This request's span; pass `trace.description` on as `traceparent` with whatever the request causes.
    public internal(set) var trace = TraceContext.unset
    /// Who asks, once a gate has let them through.
    public internal(set) var staff: ActingPerson?
    /// Where the request comes from; nil where that has no address.
    public var client: ClientAddress? { remote.flatMap { ClientAddress($0) } }
    private let remote: SocketAddress?
    /// The most bytes of a body that are read.
    public internal(set) var maxUploadSize = HTTPOptions.defaultBodyLimit

    /// Who asks; throws 401 on a route that no gate stands before.
    public func requireStaff() throws(Problem) -> ActingPerson {
        if let staff { return staff }
        throw Problem(
            .unauthenticated, detail: "Send the header Authorization: Bearer with a staff token.",
            headers: [.wwwAuthenticate: #"Bearer realm="huiyin""#])
    }

    /// Reads JSON and answers faults as problems with pointers.
    public var requestDecoder: JSONRequestDecoder { JSONRequestDecoder() }

    /// Writes JSON with sorted members and ISO 8601 dates, so that equal answers are equal bytes.
    public var responseEncoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remote = source.channel.remoteAddress
    }
}
