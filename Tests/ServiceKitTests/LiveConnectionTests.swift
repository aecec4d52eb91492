import Hummingbird
import Logging
import Testing

@testable import ServiceKit

@Suite struct LiveConnectionTests {
    @Test("a connection is kept for further requests, also pipelined ones")
    func keepAlive() async throws {
        try await SampleService.withServer { server in
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
        try await SampleService.withServer(options: options) { server in
            let silent = try await RawConnection.open(port: server.port)
            let half = try await RawConnection.open(port: server.port)
            try await half.send("GET /livez HTTP/1.1\r\nHos")

            #expect(try await silent.receiveToEnd().isEmpty)
            #expect(try await half.receiveToEnd().isEmpty)
        }
        options = HTTPOptions()
        options.requestTimeout = .milliseconds(100)
        try await SampleService.withServer(options: options) { server in
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

    @Test(
        "what is no request is answered with a problem document and the end of the connection",
        arguments: [
            ("\u{16}\u{3}\u{1} hello", 0), ("GET /livez HTTP/1.1\r\nHost h", 0), ("GET /livez HTTP/1.1\r\nHost: h\r\nLong: ", 200_000),
        ])
    func notHTTP(beginning: String, more: Int) async throws {
        try await SampleService.withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send(beginning + String(repeating: "x", count: more) + "\r\n\r\n")

            let answer = try await connection.receive()

            let document = try problem(answer, 400, "malformed-request")
            #expect(document.instance == nil)
            #expect(document.trace != nil && answer.headers["traceparent"]?.contains(document.trace ?? "none") == true)
            #expect(answer.headers["connection"] == "close")
            #expect(try await connection.receiveToEnd().isEmpty)
        }
    }

    @Test("rubbish behind a request leaves that request its answer")
    func rubbishBehind() async throws {
        try await SampleService.withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("GET /v1/greetings/x HTTP/1.1\r\nHost: h\r\n\r\nrubbish\r\n\r\n")

            let text = try await connection.receiveToEnd()

            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(text.contains("HTTP/1.1 400 Bad Request") && text.contains("urn:huiyin:problem:malformed-request"))
        }
    }

    @Test("a body whose form is wrong is the client's fault, not the service's")
    func brokenBody() async throws {
        try await SampleService.withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("POST /v1/length HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")

            let answer = try await connection.receive()

            _ = try problem(answer, 400, "malformed-request")
            #expect(answer.headers["connection"] == "close")
            #expect(try await connection.receiveToEnd().isEmpty)
            #expect(!server.log.lines.contains { $0.hasPrefix("error") })
        }
    }

    @Test("a client that goes away in the middle of its body leaves no line but for debugging")
    func goneClient() async throws {
        try await SampleService.withServer { server in
            do {
                let connection = try await RawConnection.open(port: server.port)
                try await connection.send("POST /v1/length HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
            }

            await eventually("the end of the request was not noticed") {
                server.log.lines.contains { $0.hasPrefix("debug a request did not arrive whole") }
            }
            #expect(!server.log.lines.contains { $0.hasPrefix("error") })
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
