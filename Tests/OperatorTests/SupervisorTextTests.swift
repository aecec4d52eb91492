import PrivateServers
import Testing

@testable import Operator

@Suite("What the supervisor reads and writes as text")
struct SupervisorTextTests {
    @Test(
        "The user of a database URL is replaced and everything else stays",
        arguments: [
            ("postgresql://postgres:pw@127.0.0.1:5432/huiyin", "postgresql://r:s@127.0.0.1:5432/huiyin"),
            ("postgresql://127.0.0.1/huiyin", "postgresql://r:s@127.0.0.1/huiyin"),
            (
                "postgres://a:b@one:1,two:2/db?target_session_attrs=read-write&user=x&password=y",
                "postgres://r:s@one:1,two:2/db?target_session_attrs=read-write"
            ),
            ("postgresql://h/db?user=x", "postgresql://r:s@h/db"),
            ("postgresql://u:p@/db?host=%2Fd&port=5", "postgresql://r:s@/db?host=%2Fd&port=5"),
            ("postgresql:///db?host=/run/postgresql", "postgresql://r:s@/db?host=/run/postgresql"),
            ("host=h dbname=d user=a password=b", "host=h dbname=d user=a password=b user=r password=s"),
        ])
    func replacesUser(url: String, expected: String) {
        #expect(DatabaseURL.asUser("r", password: "s", of: url) == expected)
    }

    @Test("An address for people shows neither user nor password")
    func hidesPassword() {
        #expect(DatabaseURL.shown("postgresql://a:secret@h:1/db?password=secret") == "h:1/db")
        #expect(!DatabaseURL.shown("host=h password=secret").contains("secret"))
    }

    @Test("Replicas are read from pairs and name every process")
    func replicas() throws {
        let wanted = try Replicas(parsing: ["routing=2,intake=1", "deadline=3"])

        #expect(wanted.processNames == ["intake", "routing", "routing-2", "deadline", "deadline-2", "deadline-3", "notification"])
        #expect(wanted.merging(try Replicas(parsing: ["routing=1"])).processNames.contains("routing-2") == false)
    }

    @Test(
        "Replicas that make no sense are refused with a sentence",
        arguments: ["routing", "routing=0", "routing=65", "routing=x", "huiyin=2", "routing=1=2", "=2"])
    func refusesReplicas(text: String) {
        #expect(throws: UpFailure.self) { try Replicas(parsing: [text]) }
    }

    @Test(
        "A service has the time to stop that it is told, and two seconds more",
        arguments: [(nil, 10), ("", 10), ("60s", 62), ("10m", 602), ("never", 2)] as [(String?, Int)])
    func stopLimit(told: String?, seconds: Int) {
        #expect(ServiceLaunch.stopLimit(told.map { ["HUIYIN_SHUTDOWN_LIMIT": $0] } ?? [:]) == .seconds(seconds))
    }

    @Test("A table is aligned and its last column is not padded")
    func table() {
        #expect(Console.table([["a", "bbb", "c"], ["aaaa", "b", "cc"]]) == ["a     bbb  c", "aaaa  b    cc"])
    }

    @Test("Status and body of an HTTP answer are told apart")
    func parsesAnswer() {
        let answer = Loopback.parse(Array("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno".utf8))

        #expect(answer == Loopback.Answer(status: 503, body: Array("no".utf8)))
        #expect(Loopback.parse(Array("220 mail.example.org\r\n\r\n".utf8)) == nil)
        #expect(Loopback.parse([]) == nil)
    }

    @Test("The version is found in the answer of a service, whole or chunked")
    func findsVersion() {
        #expect(StatusReport.version(in: Array(#"{"service":"huiyin-intake","version":"0.1.0"}"#.utf8)) == "0.1.0")
        #expect(StatusReport.version(in: Array("2d\r\n{\"version\":\"1.2\"}\r\n0\r\n\r\n".utf8)) == "1.2")
        #expect(StatusReport.version(in: Array("no".utf8)) == nil)
    }

    @Test("What a process says of its readiness is read from its answer, and no answer is silence")
    func readsReadiness() {
        let body =
            #"{"title":"x","checks":[{"name":"database","status":"passing"},{"name":"broker","status":"failing","detail":"away"}]}"#

        #expect(StatusReport.word(from: Loopback.Answer(status: 200, body: [])) == .ready)
        #expect(StatusReport.word(from: Loopback.Answer(status: 503, body: Array(body.utf8))) == .unready(["broker"]))
        #expect(StatusReport.word(from: Loopback.Answer(status: 503, body: Array("no".utf8))) == .unready([]))
        #expect(StatusReport.word(from: nil) == .silent)
    }

    @Test("A queue that cannot be counted is a dash with a note, and a process is asked afresh")
    func asksAfresh() async throws {
        let identity = try #require(ProcessIdentity(of: 1) ?? ProcessIdentity(of: 2))
        let port = try LoopbackPort.choose()
        let row = Board.Row(name: "routing-2", state: "ready", pid: 7, address: "127.0.0.1:\(port)", restarts: 0)
        let board = Board(supervisor: identity, phase: .ready, reason: nil, replicas: [:], rows: [row])

        let report = await StatusReport.make(board: board) {
            ["intake": StatusRow(queued: nil, outbox: 0, held: 0, deadLetters: 0)]
        }

        #expect(!report.isWell)
        #expect(report.lines[1].contains("no answer"))
        #expect(report.lines.last?.contains("RabbitMQ gives no answer") == true)
    }

    @Test("The status is well only when all is ready and no dead letter waits")
    func statusIsWell() throws {
        let identity = try #require(ProcessIdentity(of: 1) ?? ProcessIdentity(of: 2))
        let row = Board.Row(name: "intake", state: "ready", pid: 7, address: "127.0.0.1:1", restarts: 0)
        let board = Board(supervisor: identity, phase: .ready, reason: nil, replicas: [:], rows: [row])
        func report(
            _ change: (inout Board) -> Void = { _ in }, says word: StatusReport.Word = .ready, queued: Int? = 1, dead: Int = 0,
            notes: [String] = []
        ) -> StatusReport {
            var board = board
            change(&board)
            let count = StatusRow(queued: queued, outbox: 2, held: 3, deadLetters: dead)
            return StatusReport(
                board: board, counts: ["intake": count], words: ["intake": word], versions: ["intake": "0.1.0"], notes: notes)
        }

        #expect(report().isWell)
        #expect(report().lines.last == "intake   ready  7    127.0.0.1:1  0.1.0    0         1      2       3     0")
        #expect(!report({ $0.rows[0].state = "restarting" }).isWell)
        #expect(!report({ $0.phase = .stopping }).isWell)
        #expect(!report(dead: 1).isWell)
        #expect(!report(notes: ["no"]).isWell)
        #expect(!report(says: .silent).isWell)
        #expect(report(says: .silent).lines[1].hasPrefix("intake   no answer  7 "))
        #expect(!report(says: .unready(["broker"])).isWell)
        #expect(report(says: .unready(["broker"])).lines[1].hasPrefix("intake   not ready: broker  7 "))
        #expect(report(queued: nil).lines.last == "intake   ready  7    127.0.0.1:1  0.1.0    0         -      2       3     0")
    }

    @Test("Scaling is done when exactly the wanted processes are there and ready")
    func scalingIsDone() throws {
        let identity = try #require(ProcessIdentity(of: 1) ?? ProcessIdentity(of: 2))
        func board(_ rows: [(String, String)], wanted: Int) -> Board {
            Board(
                supervisor: identity, phase: .ready, reason: nil, replicas: ["routing": wanted],
                rows: rows.map { Board.Row(name: $0.0, state: $0.1, pid: nil, address: nil, restarts: 0) })
        }
        let two = Replicas(["routing": 2])

        #expect(ScaleCommand.isFulfilled(two, by: board([("routing", "ready"), ("routing-2", "ready")], wanted: 2)))
        #expect(!ScaleCommand.isFulfilled(two, by: board([("routing", "ready"), ("routing-2", "starting")], wanted: 2)))
        #expect(!ScaleCommand.isFulfilled(two, by: board([("routing", "ready")], wanted: 2)))
        #expect(!ScaleCommand.isFulfilled(two, by: board([("routing", "ready"), ("routing-2", "ready")], wanted: 3)))
    }

    @Test("Known ports are kept, a taken one moves, and two names never share one")
    func choosesPorts() throws {
        let known: [String: UInt16] = ["intake": 40_001, "routing": 40_002, "deadline": 40_001]

        let (ports, moved) = try PortChoice.choose(known: known, ownServers: false) { $0 != 40_002 }

        #expect(ports["intake"] == 40_001)
        #expect(ports["routing"] != 40_002)
        #expect(moved == ["routing", "deadline"])
        #expect(Set(ports.keys) == ["intake", "routing", "deadline", "notification"])
        #expect(Set(ports.values).count == 4)
    }
}
