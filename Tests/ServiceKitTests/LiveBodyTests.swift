import Testing

@testable import ServiceKit

@Suite struct LiveBodyTests {
    @Test("HEAD is answered like GET without its body")
    func head() async throws {
        try await SampleService.withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("HEAD /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")

            let text = try await connection.receiveToEnd()

            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("a problem in answer to HEAD has no body that would be read as the next answer")
    func headProblem() async throws {
        try await SampleService.withServer { server in
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
        try await SampleService.withServer { server in
            let json = ["Content-Type: application/json; charset=utf-8"]
            let good = try await server.request("POST", "/v1/greetings", headers: json, body: #"{"name":"回"}"#)
            let fault = try problem(
                try await server.request("POST", "/v1/greetings", headers: json, body: #"{"name":1}"#), 422, "invalid-content")
            _ = try problem(try await server.request("POST", "/v1/greetings", headers: json, body: "{"), 400, "malformed-request")
            _ = try problem(try await server.request("POST", "/v1/greetings", headers: json, body: ""), 400, "malformed-request")
            _ = try problem(try await server.request("POST", "/v1/greetings", body: #"{"name":"x"}"#), 415, "unsupported-media-type")

            #expect(good.body == #"{"name":"回"}"#)
            #expect(fault.errors == [ProblemDocument.Fault(pointer: "/name", detail: "text is expected here")])
        }
    }

    @Test("the wire format of dates is ISO 8601")
    func dates() async throws {
        try await SampleService.withServer { server in
            let answer = try await server.request("GET", "/v1/greetings/x")

            #expect(answer.body == #"{"name":"x","when":"1970-01-01T00:00:00Z"}"#)
        }
    }

    @Test("a body with too large a declared length is refused before it is sent, and the connection ends")
    func declaredTooLarge() async throws {
        try await SampleService.withServer { server in
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
        try await SampleService.withServer { server in
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

    @Test("a client that sends ten megabytes before it reads gets its refusal", arguments: [true, false])
    func refusedAfterSending(declared: Bool) async throws {
        try await SampleService.withServer { server in
            let connection = try await RawConnection.open(port: server.port)
            let size = 10 << 20
            let framing = declared ? "Content-Length: \(size)\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n"

            try await connection.send("POST /v1/length HTTP/1.1\r\nHost: h\r\n\(framing)")
            try await connection.send([UInt8](repeating: UInt8(ascii: "x"), count: size))
            if !declared { try await connection.send("\r\n0\r\n\r\n") }

            _ = try problem(try await connection.receive(), 413, "body-too-large")
            #expect(try await connection.receiveToEnd().isEmpty)
        }
    }

    @Test("a client that sends without end gets its answer, but is not read without end")
    func endless() async throws {
        var options = HTTPOptions()
        options.requestTimeout = .seconds(2)
        try await SampleService.withServer(options: options) { server in
            let connection = try await RawConnection.open(port: server.port)
            let size = 1 << 30
            try await connection.send("POST /v1/length HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
            let sending = Task {
                var sent = 0
                let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
                while sent < size, (try? await connection.send(piece)) != nil { sent += piece.count }
                return sent
            }

            _ = try problem(try await connection.receive(), 413, "body-too-large")
            #expect(await sending.value < 64 << 20)
        }
    }

    @Test("a chunked body is counted as it is read")
    func chunkedTooLarge() async throws {
        try await SampleService.withServer { server in
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
}
