import Testing

@testable import ServiceKit

@Suite struct LiveHTTPTests {
    @Test("liveness, version and metrics answer without any setting up")
    func standardRoutes() async throws {
        try await SampleService.withServer { server in
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
            ReadinessCheck("store") { throw ReadinessFailure("it is away", reason: "10.0.0.5 refuses huiyin_intake") },
        ]
        var options = HTTPOptions()
        options.readinessTimeout = .milliseconds(50)

        try await LiveServer.with(options: options, checks: checks) { server in
            let document = try problem(try await server.request("GET", "/readyz"), 503, "not-ready")

            #expect(document.detail == "These checks fail: broker, schema, stuck, store.")
            #expect(
                document.checks?.map(\.detail) == [
                    nil, "no connection since 08:00", "it failed; the log says why", "it gave no answer within 0.05 seconds", "it is away",
                ])
            #expect(document.checks?.map(\.status) == ["passing", "failing", "failing", "failing", "failing"])
            let lines = server.log.lines.filter { $0.hasPrefix("debug the service is not ready") }
            #expect(lines.count == 2)
            #expect(lines.contains { $0.contains("part=schema reason=ServiceKitTests.TestFailure") })
            #expect(lines.contains { $0.contains("part=store reason=it is away: 10.0.0.5 refuses huiyin_intake") })
        }
        try await LiveServer.with(checks: [ReadinessCheck("database") {}]) { server in
            let answer = try await server.request("GET", "/readyz")

            #expect(answer.status == 200)
            #expect(answer.body == #"{"status":"ready","checks":[{"name":"database","status":"passing"}]}"#)
        }
    }

    @Test("an unknown path is 404, a wrong method is 405 with the methods there are, an unknown method 501")
    func unknownRoutes() async throws {
        try await SampleService.withServer { server in
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

    @Test("staff routes open to the token only")
    func staff() async throws {
        try await SampleService.withServer { server in
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
        try await SampleService.withServer(token: nil) { server in
            let document = try problem(
                try await server.request("GET", "/v1/staff/desk", headers: ["Authorization: Bearer "]), 403, "staff-routes-closed")

            #expect(document.detail.contains("HUIYIN_OPERATOR_TOKEN"))
        }
    }

    @Test("the caller's trace goes on in the answer and in the log, a bad one is replaced")
    func traces() async throws {
        try await SampleService.withServer { server in
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
        try await SampleService.withServer { server in
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
        try await SampleService.withServer { server in
            let busy = try await server.request("GET", "/v1/busy")

            _ = try problem(busy, 503, "unavailable")
            #expect(busy.headers["retry-after"] == "3")
            #expect(try problem(try await server.request("GET", "/v1/gone"), 503, "unavailable").detail == "Away.")
        }
    }

    @Test("every answer forbids sniffing, framing and caching")
    func securityHeaders() async throws {
        try await SampleService.withServer { server in
            for path in ["/livez", "/v1/nothing", "/v1/broken"] {
                let headers = try await server.request("GET", path).headers

                #expect(headers["x-content-type-options"] == "nosniff")
                #expect(headers["cache-control"] == "no-store")
                #expect(headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
                #expect(headers["server"] == nil)
            }
        }
    }
}
