import CaseFlow
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Models
import NIOCore
import Postgres
import ServiceKit
import ServiceLifecycle

/// The doors by which a department fetches its part of the feed itself: page by page, or as a stream of server-sent events.
///
/// Nothing is kept of a fetch but how far it came. Whoever asks for what follows a number says that it has everything up to there.
struct FeedAPI: Sendable {
    let shelf: SubscriptionShelf
    let reader: FeedReader
    let bell: FeedBell

    private static let mostEvents = 500
    /// A stream ends after this time, and its reader comes again: so one that nobody reads any more is noticed.
    private static let longestStream = Duration.seconds(900)
    /// A stream that has nothing to say says so as often.
    private static let breath = Duration.seconds(15)

    func add(to router: ServiceRouter) {
        router.get("v1/feed") { request, context in try await feed(request, context) }
    }

    private func feed(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let found = try await subscription(request)
        let asked = try Asked(request, standard: found.number)
        if asked.isStream { return stream(found, after: asked.after) }
        let end = ContinuousClock.now + .seconds(asked.wait)
        while true {
            let page = try await reader.entries(of: found.code, after: asked.after, limit: asked.limit)
            if page.entries.isEmpty, page.position < page.head, .now < end { continue }
            if page.entries.isEmpty, .now < end, !Task.isShuttingDownGracefully {
                await bell.wait(above: page.position, until: min(end, .now + .seconds(2)))
                continue
            }
            if page.entries.isEmpty, page.position >= page.head, asked.after > page.number {
                throw Problem.invalidContent([
                    .init(
                        pointer: "/after", detail: "the subscription has come to number \(page.number) only; ask for what follows that one")
                ])
            }
            try await note(found, reached: asked.after, page)
            let next = page.entries.last?.number ?? asked.after
            let body =
                Array(#"{"events":["#.utf8) + page.entries.map(\.document).joined(separator: Array(",".utf8))
                + Array(#"],"next":\#(next)}"#.utf8)
            return try JSONAnswer(bytes: body).response(from: request, context: context)
        }
    }

    /// The subscription whose token the request shows.
    private func subscription(_ request: Request) async throws -> Subscription {
        let refusal = Problem(
            .unauthenticated,
            detail: "Send the subscription's token in one header Authorization: Bearer; whoever made the subscription was given it.",
            headers: [.wwwAuthenticate: #"Bearer realm="huiyin feed""#])
        let values = request.headers[values: .authorization]
        guard values.count == 1, let parts = values.first?.split(separator: " ", maxSplits: 1), parts.count == 2,
            parts[0].lowercased() == "bearer", let code = SubscriptionSecrets.code(in: String(parts[1]))
        else { throw refusal }
        // An unknown name is compared too, so that both take the same time.
        let secrets = try await shelf.secrets(of: code) ?? SubscriptionSecrets(current: "")
        let fits = secrets.counting(at: SystemTime.now).map { equalInConstantTime($0, String(parts[1])) }.contains(true)
        guard fits, let found = try await shelf.all(code).first, found.definition.kind == .pull else { throw refusal }
        guard found.phase == .active else {
            throw Problem(.forbidden, detail: "This subscription is \(found.phase.rawValue): ask the county's operator to resume it.")
        }
        return found
    }

    /// Puts down how far a department has come.
    private func note(_ found: Subscription, reached number: Int64, _ page: FeedReader.Page) async throws {
        try await shelf.client.run(
            """
            UPDATE subscriptions SET number = \(number), position = CASE WHEN \(number >= page.number) THEN \(page.position) ELSE position END,
                last_success_at = now()
            WHERE code = \(found.code.text)
            """)
    }

    private func stream(_ found: Subscription, after: Int64) -> Response {
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                let end = ContinuousClock.now + Self.longestStream
                var (number, nextBreath) = (after, ContinuousClock.now + Self.breath)
                try await writer.write(ByteBuffer(string: ": the feed of \(found.code)\n\n"))
                while .now < end, !Task.isCancelled, !Task.isShuttingDownGracefully {
                    let page = try await reader.entries(of: found.code, after: number, limit: 100)
                    if let last = page.entries.last {
                        var buffer = ByteBuffer()
                        for entry in page.entries {
                            buffer.writeString("id: \(entry.number)\nevent: \(entry.type)\ndata: ")
                            buffer.writeBytes(entry.document)
                            buffer.writeString("\n\n")
                        }
                        try await writer.write(buffer)
                        try await note(found, reached: last.number, page)
                        number = last.number
                        nextBreath = .now + Self.breath
                    } else if page.position >= page.head {
                        if nextBreath <= .now {
                            // A stream ends with its subscription.
                            guard try await shelf.all(found.code).first?.phase == .active else { break }
                            try await writer.write(ByteBuffer(string: ": nothing new\n\n"))
                            nextBreath = .now + Self.breath
                        }
                        await bell.wait(above: page.position, until: min(nextBreath, .now + .seconds(2)))
                    }
                }
                try await writer.finish(nil)
            })
    }

    /// What a request asks for.
    private struct Asked {
        var after: Int64
        var limit = 100
        var wait: Int64 = 0
        var isStream = false

        init(_ request: Request, standard: Int64) throws(Problem) {
            let query = request.uri.queryParameters
            var faults = FaultList()
            func number(_ name: String, _ text: Substring?, _ range: ClosedRange<Int64>, _ standard: Int64) -> Int64 {
                guard let text else { return standard }
                guard let number = Int64(text), range.contains(number) else {
                    faults.add("/\(name)", "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
                    return standard
                }
                return number
            }
            for name in Set(query.map(\.key)).subtracting(["after", "limit", "wait"]).sorted() {
                faults.add("/\(name)", "there is no such parameter; use one of after, limit, wait")
            }
            isStream = request.headers[.accept]?.contains("text/event-stream") ?? false
            let last = isStream ? HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }.map { $0[...] } : nil
            after = number("after", last ?? query["after"], 0...Int64.max, standard)
            limit = Int(number("limit", query["limit"], 1...Int64(FeedAPI.mostEvents), 100))
            wait = number("wait", query["wait"], 0...30, 0)
            try faults.check()
        }
    }
}
