import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Testing

@testable import ServiceKit

@Suite struct LiveHTTPTests {
    private struct Document: Decodable {
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
        let instance: String
        let trace: String?
        let errors: [Fault]?
        let checks: [Check]?
    }

    private struct Greeting: Codable, ResponseEncodable {
        let name: String
        let when: Date?
    }

    private struct StoreGone: Error {}

    /// Checks what every problem document has in common and answers with it.
    private func problem(_ answer: RawAnswer, _ status: Int, _ slug: String, sourceLocation: SourceLocation = #_sourceLocation) throws
        -> Document
    {
        let document = try JSONDecoder().decode(Document.self, from: Data(answer.body.utf8))
        #expect(answer.status == status, sourceLocation: sourceLocation)
        #expect(answer.headers["content-type"] == "application/problem+json", sourceLocation: sourceLocation)
        #expect(document.type == "urn:huiyin:problem:\(slug)", sourceLocation: sourceLocation)
        #expect(document.status == status, sourceLocation: sourceLocation)
        return document
    }

    private static func routes(_ router: ServiceRouter) {
        router.get("v1/greetings/:name") { _, context in
            Greeting(name: try context.parameters.require("name"), when: Date(timeIntervalSince1970: 0))
        }
        router.post("v1/greetings") { request, context in
            try await request.decode(as: Greeting.self, context: context)
        }
        router.post("v1/length") { request, _ in
            var count = 0
            for try await chunk in request.body { count += chunk.readableBytes }
            return "\(count)"
        }
        router.get("v1/busy") { _, _ -> Response in throw Problem.unavailable("The store is away.", retryAfter: .seconds(3)) }
        router.get("v1/broken") { _, _ -> Response in throw TestFailure("row (phone)=(13800000000) exists") }
        router.get("v1/gone") { _, _ -> Response in throw StoreGone() }
        router.staffGroup("v1/staff").get("desk") { _, _ in "desk" }
    }

    private func withServer<Result>(
        token: String? = LiveServer.token, options: HTTPOptions = HTTPOptions(), _ body: (LiveServer) async throws -> Result
    )
        async throws -> Result
    {
        try await LiveServer.with(
            token: token, options: options, translate: { $0 is StoreGone ? Problem.unavailable("Away.", retryAfter: .seconds(1)) : nil },
            routes: Self.routes, body)
    }

    @Test("liveness, version and metrics answer without any setting up")
    func standardRoutes() async throws {
        try await withServer { server in
            #expect(try await server.request("GET", "/livez").body == #"{"status":"alive"}"#)
            #expect(try await server.request("GET", "/version").body == #"{"service":"huiyin-intake","version":"0.1.0"}"#)
            _ = try await server.request("GET", "/v1/greetings/x")
            let metrics = try await server.request("GET", "/metrics")

            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.body.contains(#"huiyin_http_requests_total{method="GET",route="/v1/greetings/{name}",status="200"} 1"#))
            #expect(metrics.body.contains(#"huiyin_http_request_duration_seconds_count{method="GET",route="/livez"} 1"#))
            #expect(metrics.body.contains("process_resident_memory_bytes"))
        }
    }

    @Test("readiness names every check that fails and why, and hides what is not ours to tell")
    func readiness() async throws {
        let stuck = Latch<Void>()
        let neverEnding = Task { _ = try? await stuck.value() }
        defer { stuck.open(()) }
        let checks = [
            ReadinessCheck("database") {},
            ReadinessCheck("broker") { throw ReadinessFailure("no connection since 08:00") },
            ReadinessCheck("schema") { throw TestFailure("password=hunter2") },
            ReadinessCheck("stuck") { await neverEnding.value },
        ]
        var options = HTTPOptions()
        options.readinessTimeout = .milliseconds(50)

        try await LiveServer.with(options: options, checks: checks) { server in
            let document = try problem(try await server.request("GET", "/readyz"), 503, "not-ready")

            #expect(document.detail == "These checks fail: broker, schema, stuck.")
            #expect(
                document.checks?.map(\.detail) == [
                    nil, "no connection since 08:00", "ServiceKitTests.TestFailure", "it gave no answer within 0.05 seconds",
                ])
            #expect(document.checks?.map(\.status) == ["passing", "failing", "failing", "failing"])
        }
        try await LiveServer.with(checks: [ReadinessCheck("database") {}]) { server in
            let answer = try await server.request("GET", "/readyz")

            #expect(answer.status == 200)
            #expect(answer.body == #"{"status":"ready","checks":[{"name":"database","status":"passing"}]}"#)
        }
    }

    @Test("an unknown path is 404, a wrong method is 405 with the methods there are, an unknown method 501")
    func unknownRoutes() async throws {
        try await withServer { server in
            let missing = try problem(try await server.request("GET", "/v1/nothing?phone=138"), 404, "not-found")
            let answer = try await server.request("DELETE", "/v1/greetings/x")
            let wrong = try problem(answer, 405, "method-not-allowed")
            let options = try await server.request("OPTIONS", "/v1/greetings")
            let unknown = try problem(try await server.request("PROPFIND", "/livez"), 501, "method-unknown")

            #expect(missing.instance == "/v1/nothing")
            #expect(answer.headers["allow"] == "GET, HEAD")
            #expect(wrong.detail == "DELETE is not allowed here: use GET, HEAD.")
            #expect(options.headers["allow"] == "POST")
            #expect(unknown.detail.contains("GET, HEAD"))
            let metrics = MetricsText.exposition(of: server.metrics)
            #expect(metrics.contains(#"method="OTHER",route="none",status="501""#))
            #expect(metrics.contains(#"method="GET",route="none",status="404""#))
        }
    }

    @Test("HEAD is answered like GET without its body")
    func head() async throws {
        try await withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("HEAD /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")

            let text = try await connection.receiveToEnd()

            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("a problem in answer to HEAD has no body that would be read as the next answer")
    func headProblem() async throws {
        try await withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send(
                "HEAD /v1/nothing HTTP/1.1\r\nHost: h\r\n\r\nHEAD /v1/greetings HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")

            let text = try await connection.receiveToEnd()

            #expect(text.hasPrefix("HTTP/1.1 404") && text.hasSuffix("\r\n\r\n"))
            #expect(text.contains("\r\n\r\nHTTP/1.1 405"))
        }
    }

    @Test("a body is decoded, and what is wrong with it points to the place")
    func bodies() async throws {
        try await withServer { server in
            let json = ["Content-Type: application/json; charset=utf-8"]
            let good = try await server.request("POST", "/v1/greetings", headers: json, body: #"{"name":"回"}"#)
            let fault = try problem(
                try await server.request("POST", "/v1/greetings", headers: json, body: #"{"name":1}"#), 422, "invalid-content")
            _ = try problem(try await server.request("POST", "/v1/greetings", headers: json, body: "{"), 400, "malformed-request")
            _ = try problem(try await server.request("POST", "/v1/greetings", headers: json, body: ""), 400, "malformed-request")
            _ = try problem(try await server.request("POST", "/v1/greetings", body: #"{"name":"x"}"#), 415, "unsupported-media-type")

            #expect(good.body == #"{"name":"回"}"#)
            #expect(fault.errors == [Document.Fault(pointer: "/name", detail: "text is expected here")])
        }
    }

    @Test("the wire format of dates is ISO 8601")
    func dates() async throws {
        try await withServer { server in
            let answer = try await server.request("GET", "/v1/greetings/x")

            #expect(answer.body == #"{"name":"x","when":"1970-01-01T00:00:00Z"}"#)
        }
    }

    @Test("a body with too large a declared length is refused before it is sent, and the connection ends")
    func declaredTooLarge() async throws {
        try await withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("POST /v1/length HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n")

            let answer = try await connection.receive()

            _ = try problem(answer, 413, "body-too-large")
            #expect(answer.headers["connection"] == "close")
            #expect(try await connection.receiveToEnd().isEmpty)
        }
    }

    @Test("a client that is still sending a refused body gets the answer nevertheless")
    func refusedWhileSending() async throws {
        try await withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            let body = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)

            try await connection.send("POST /v1/length HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\r\n")
            try await connection.send(Array(body[..<(1 << 20)]))
            let answer = try await connection.receive()
            try await connection.send(Array(body[(1 << 20)...]))

            #expect(answer.status == 413)
            #expect(try await connection.receiveToEnd().isEmpty)
        }
    }

    @Test("a chunked body is counted as it is read")
    func chunkedTooLarge() async throws {
        try await withServer { server in
            let small = try await RawConnection.open(port: server.port)
            try await small.send(
                "POST /v1/length HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            #expect(try await small.receive().body == "5")

            let large = try await RawConnection.open(port: server.port)
            try await large.send("POST /v1/length HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "40000\r\n" + String(repeating: "x", count: 0x40000) + "\r\n"
            for _ in 0..<5 { try await large.send(chunk) }
            _ = try problem(try await large.receive(), 413, "body-too-large")
        }
    }

    @Test("staff routes open to the token only")
    func staff() async throws {
        try await withServer { server in
            let open = try await server.request("GET", "/v1/staff/desk", headers: ["Authorization: Bearer \(LiveServer.token)"])
            let none = try await server.request("GET", "/v1/staff/desk")
            let wrong = try await server.request("GET", "/v1/staff/desk", headers: ["Authorization: Bearer \(LiveServer.token)x"])
            let twice = try await server.request(
                "GET", "/v1/staff/desk",
                headers: ["Authorization: Bearer \(LiveServer.token)", "Authorization: Bearer \(LiveServer.token)"])
            let basic = try await server.request("GET", "/v1/staff/desk", headers: ["Authorization: Basic \(LiveServer.token)"])

            #expect(open.body == "desk")
            _ = try problem(none, 401, "unauthenticated")
            #expect(none.headers["www-authenticate"] == #"Bearer realm="huiyin""#)
            _ = try problem(wrong, 401, "unauthenticated")
            #expect(wrong.headers["www-authenticate"] == #"Bearer realm="huiyin", error="invalid_token""#)
            _ = try problem(twice, 401, "unauthenticated")
            _ = try problem(basic, 401, "unauthenticated")
            #expect(!server.log.lines.joined().contains(LiveServer.token))
        }
    }

    @Test("without a configured token staff routes stay closed, even to an empty one")
    func closed() async throws {
        try await withServer(token: nil) { server in
            let document = try problem(
                try await server.request("GET", "/v1/staff/desk", headers: ["Authorization: Bearer "]), 403, "staff-routes-closed")

            #expect(document.detail.contains("HUIYIN_OPERATOR_TOKEN"))
        }
    }

    @Test("the caller's trace goes on in the answer and in the log, a bad one is replaced")
    func traces() async throws {
        try await withServer { server in
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            let known = try await server.request("GET", "/livez", headers: ["traceparent: 00-\(trace)-00f067aa0ba902b7-01"])
            let bad = try await server.request("GET", "/livez", headers: ["traceparent: nonsense"])

            let answered = try #require(known.headers["traceparent"])
            #expect(answered.hasPrefix("00-\(trace)-") && !answered.contains("00f067aa0ba902b7"))
            #expect(bad.headers["traceparent"].flatMap { TraceContext($0) } != nil)
            #expect(server.log.lines.contains { $0.contains("request answered") && $0.contains("trace=\(trace)") })
        }
    }

    @Test("an unexpected error is 500 without particulars, and one log line with the trace")
    func unexpected() async throws {
        try await withServer { server in
            let answer = try await server.request("GET", "/v1/broken")
            let document = try problem(answer, 500, "internal-error")

            #expect(!answer.body.contains("13800000000") && !answer.body.contains("TestFailure"))
            let lines = server.log.lines.filter { $0.hasPrefix("error") }
            #expect(lines.count == 1)
            #expect(lines.first?.contains("error=ServiceKitTests.TestFailure") == true)
            #expect(lines.first?.contains("trace=\(document.trace ?? "none")") == true)
            #expect(!server.log.lines.joined().contains("13800000000"))
        }
    }

    @Test("a handler says when to come back, and the service's own errors are translated")
    func unavailable() async throws {
        try await withServer { server in
            let busy = try await server.request("GET", "/v1/busy")

            _ = try problem(busy, 503, "unavailable")
            #expect(busy.headers["retry-after"] == "3")
            #expect(try problem(try await server.request("GET", "/v1/gone"), 503, "unavailable").detail == "Away.")
        }
    }

    @Test("every answer forbids sniffing, framing and caching")
    func securityHeaders() async throws {
        try await withServer { server in
            for path in ["/livez", "/v1/nothing", "/v1/broken"] {
                let headers = try await server.request("GET", path).headers

                #expect(headers["x-content-type-options"] == "nosniff")
                #expect(headers["cache-control"] == "no-store")
                #expect(headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
                #expect(headers["server"] == nil)
            }
        }
    }

    @Test("a connection is kept for further requests, also pipelined ones")
    func keepAlive() async throws {
        try await withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            for name in ["a", "b"] {
                try await connection.send("GET /v1/greetings/\(name) HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await connection.receive().body.contains(#""name":"\#(name)""#))
            }
            try await connection.send(
                "GET /livez HTTP/1.1\r\nHost: h\r\n\r\nGET /version HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let both = try await connection.receiveToEnd()

            #expect(both.contains("alive") && both.contains("huiyin-intake"))
        }
    }

    @Test("a silent connection and a request that drips are both closed")
    func slowClients() async throws {
        var options = HTTPOptions()
        options.idleTimeout = .milliseconds(100)
        try await withServer(options: options) { server in
            let silent = try await RawConnection.open(port: server.port)
            let half = try await RawConnection.open(port: server.port)
            try await half.send("GET /livez HTTP/1.1\r\nHos")

            #expect(try await silent.receiveToEnd().isEmpty)
            #expect(try await half.receiveToEnd().isEmpty)
        }
        options = HTTPOptions()
        options.requestTimeout = .milliseconds(100)
        try await withServer(options: options) { server in
            let dripping = try await RawConnection.open(port: server.port)
            try await dripping.send("POST /v1/length HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")

            #expect(try await dripping.receiveToEnd().isEmpty)
        }
    }

    @Test("a client that does not take its answer is closed")
    func slowReader() async throws {
        var options = HTTPOptions()
        options.requestTimeout = .milliseconds(50)
        try await LiveServer.with(
            options: options,
            routes: { router in
                router.get("large") { _, _ in ByteBuffer(repeating: UInt8(ascii: "x"), count: 64 << 20) }
            }
        ) { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n")

            await eventually("the connection was not closed") {
                server.log.lines.contains { $0.contains("reason=the client did not take its answer") }
            }
            #expect(try await connection.countToEnd() < 64 << 20)
        }
    }

    @Test("what is not HTTP is answered with 400 and the end of the connection")
    func notHTTP() async throws {
        try await withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("\u{16}\u{3}\u{1} hello\r\n\r\n")

            #expect(try await connection.receiveToEnd().hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test("a stop lets a request in hand end, refuses new ones and closes idle connections")
    func drain() async throws {
        let entered = Latch<Void>()
        let release = Latch<Void>()
        try await LiveServer.with(routes: { router in
            router.get("slow") { _, _ in
                entered.open(())
                try await release.value()
                return "done"
            }
        }) { server in
            let idle = try await RawConnection.open(port: server.port)
            try await idle.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await idle.receive()
            let busy = try await RawConnection.open(port: server.port)
            try await busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
            try await entered.value()

            await server.stop()
            #expect(try await idle.receiveToEnd().isEmpty)
            await eventually("the port is still open") { (try? await RawConnection.open(port: server.port)) == nil }
            release.open(())

            #expect(try await busy.receive().body == "done")
        }
    }

    @Test("a service that is stopping says so when it is asked whether it is ready")
    func stoppingIsNotReady() async throws {
        let entered = Latch<Void>()
        let release = Latch<Void>()
        try await LiveServer.with(routes: { router in
            router.get("slow") { _, _ in
                entered.open(())
                try await release.value()
                return "done"
            }
        }) { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /readyz HTTP/1.1\r\nHost: h\r\n\r\n")
            try await entered.value()

            await server.stop()
            await eventually("the port is still open") { (try? await RawConnection.open(port: server.port)) == nil }
            release.open(())

            let answers = try await connection.receiveToEnd()
            #expect(answers.contains("HTTP/1.1 503") && answers.contains("the service is stopping and takes no new work"))
        }
    }

    @Test("an address in use is one sentence that says what to do")
    func addressInUse() async throws {
        try await LiveServer.with { server in
            var environment = testEnvironment
            environment["HUIYIN_LISTEN"] = "127.0.0.1:\(server.port)"
            let configuration = try ServiceConfiguration(for: .intake, from: SettingsReader(environment: environment))
            let second = ServiceHTTP(
                RuntimeContext(configuration: configuration, logger: server.log.logger(level: .critical), metrics: MetricsRegistry())
            ) { _ in }

            let failure = await #expect(throws: StartupFailure.self) { try await second.run() }

            #expect(
                failure?.description
                    == "HUIYIN_LISTEN: cannot listen on 127.0.0.1:\(server.port) (Address already in use): "
                    + "stop what uses the port or choose another address.")
        }
    }
}
