import Dispatch
import Glibc
import PrivateServers
import Testing

@testable import Operator

@Suite("The load of a measurement")
struct LoadTests {
    @Test("Every duration is counted in a place whose top is not a hundredth above it, and places follow each other")
    func places() {
        var last = 0
        var durations: [UInt64] = Array(0..<200_000)
        for power in 18..<40 {
            let whole = UInt64(1) << UInt64(power)
            durations += [whole - 1, whole, whole + 1]
        }
        for microseconds in durations {
            let place = Histogram.place(of: microseconds)
            let top = Histogram.top(of: place)
            #expect(top >= microseconds && top - microseconds <= microseconds / 100)
            if microseconds < 200_000 {
                #expect(place == last || place == last + 1)
                last = place
            }
        }
    }

    @Test("Shares are those of the sorted durations")
    func shares() {
        var histogram = Histogram()
        #expect(histogram.milliseconds(0.99) == 0)
        for number in 1...100 { histogram.add(.microseconds(number)) }
        #expect(histogram.milliseconds(0.5) == 0.05 && histogram.milliseconds(0.99) == 0.099 && histogram.milliseconds(1) == 0.1)

        var other = Histogram()
        other.add(.seconds(3))
        histogram.add(other)

        #expect(histogram.count == 101 && histogram.greatest == .seconds(3) && histogram.milliseconds(1) >= 3000)
    }

    @Test("An answer has come when its last byte has, and not before")
    func answers() {
        let whole = Array("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-length: 4\r\n\r\nabcd".utf8)

        for count in 0..<whole.count { #expect(HTTPLoad.Answer(Array(whole.prefix(count))) == nil) }
        #expect(HTTPLoad.Answer(whole)?.status == 201)
        #expect(HTTPLoad.Answer(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8))?.status == 204)
    }

    @Test("Another database has the same server and the same settings")
    func address() {
        #expect(
            FloorRun.address("postgresql://u:p@127.0.0.1:5/huiyin?a=b", database: "floor") == "postgresql://u:p@127.0.0.1:5/floor?a=b")
        #expect(FloorRun.address("postgresql://u:p@127.0.0.1:5/huiyin", database: "floor") == "postgresql://u:p@127.0.0.1:5/floor")
    }

    @Test("An invented case has about a kilobyte")
    func size() {
        #expect((800...1300).contains(PipelineBench.body("b", 4711).count))
    }
}

/// A server on loopback that cuts connections and is in trouble before it answers.
@Suite("A patient load")
struct PatientLoadTests {
    @Test("asks again what was cut or met a server in trouble, and counts each request once", arguments: [nil, 200.0])
    func patience(rate: Double?) async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let port = Int(try LoopbackPort.bind(listener))
        try #require(listen(listener, 16) == 0)
        DispatchQueue.global().async {
            // Of the first ten requests every other is cut and every other refused; the load ends when all are answered.
            for number in 0... {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                var bytes = [UInt8](repeating: 0, count: 4096)
                _ = recv(connection, &bytes, bytes.count, 0)
                let status = number < 10 ? "503 Service Unavailable" : "201 Created"
                let answer = Array("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n".utf8)
                if number >= 10 || number % 2 == 1 { send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) }
                close(connection)
            }
        }
        var load = HTTPLoad(port: port, clients: 3, requests: 20) { _ in HTTPLoad.post("/", body: [], headers: []) }
        load.rate = rate
        load.isPatient = true

        let outcome = try await load.run()
        shutdown(listener, Int32(SHUT_RDWR))

        #expect(outcome.succeeded == 20 && outcome.refused == 0)
        #expect(outcome.latency.count == 20)
    }
}
