import Glibc
import SocketLoop
import Testing

@Suite("A socket loop", .timeLimit(.minutes(2)))
struct SocketLoopTests {
    /// Answers those who ask when it comes round to them, and rests between: as those do who own a connection.
    private actor Desk {
        private nonisolated let loop = SocketLoop(name: "desk")
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        private let socket: Int32
        private var asking: [CheckedContinuation<Void, Never>] = []
        private var isResting = false
        private var isClosed = false

        init(socket: Int32) { self.socket = socket }

        deinit { loop.shutdown() }

        /// Answers until it is closed or has once rested to the end; gives how the last rest ended.
        func serve(resting limit: Duration) async -> SocketLoop.Readiness {
            var end = SocketLoop.Readiness.interrupted
            while !isClosed, end == .interrupted {
                for asker in asking { asker.resume() }
                asking = []
                isResting = true
                end = await loop.wait(for: .readable, on: socket, until: .now + limit)
                isResting = false
            }
            for asker in asking { asker.resume() }
            asking = []
            isClosed = true
            return end
        }

        func ask() async {
            if isClosed { return }
            await withCheckedContinuation { continuation in
                asking.append(continuation)
                if isResting { loop.interrupt(socket) }
            }
        }

        func close() {
            isClosed = true
            loop.interrupt(socket)
        }
    }

    /// Two sockets of which each reads what the other writes.
    private static func pair() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("hears everybody who interrupts an actor that is about to rest", arguments: [1, 3])
    func lostCalls(askers: Int) async throws {
        let (own, other) = try Self.pair()
        defer { for end in [own, other] { close(end) } }
        let desk = Desk(socket: own)

        async let served = desk.serve(resting: .seconds(20))
        await withTaskGroup { group in
            for _ in 0..<askers {
                group.addTask {
                    for number in 0..<20_000 {
                        await desk.ask()
                        // At other moments of its round.
                        for _ in 0..<number % 5 { await Task.yield() }
                    }
                }
            }
        }
        await desk.close()

        // An interrupt that nobody heard lets it rest to the end.
        #expect(await served == .interrupted)
    }

    @Test("says how a wait ended")
    func outcomes() async throws {
        let loop = SocketLoop(name: "outcomes")
        let (own, other) = try Self.pair()
        defer { for end in [own, other] { close(end) } }

        #expect(await loop.wait(for: .writable, on: own) == .ready)
        #expect(await loop.wait(for: .readable, on: own, until: .now) == .timedOut)
        #expect(await loop.wait(for: .readable, on: own, until: .now + .milliseconds(5)) == .timedOut)
        #expect(write(other, "x", 1) == 1)
        #expect(await loop.wait(for: .readable, on: own) == .ready)
        #expect(await loop.wait(for: .both, on: own) == .ready)
        loop.shutdown()
        #expect(await loop.wait(for: .readable, on: own) == .interrupted)
    }

    @Test("ends the waits of a task that is cancelled, before, while or after it begins to wait")
    func cancelled() async throws {
        let loop = SocketLoop(name: "cancelled")
        let (own, other) = try Self.pair()
        defer { for end in [own, other] { close(end) } }

        for number in 0..<2000 {
            let waiting = Task { await loop.wait(for: .readable, on: own) }
            for _ in 0..<number % 4 { await Task.yield() }
            waiting.cancel()
            #expect(await waiting.value == .interrupted)
        }
        loop.shutdown()
    }

    @Test("ends every wait when it is shut down")
    func shutdown() async throws {
        let (own, other) = try Self.pair()
        defer { for end in [own, other] { close(end) } }

        for number in 0..<100 {
            let loop = SocketLoop(name: "shutdown")
            async let first = loop.wait(for: .readable, on: own)
            async let second = loop.wait(for: .readable, on: -1)
            for _ in 0..<number % 4 { await Task.yield() }
            loop.shutdown()
            #expect(await [first, second] == [.interrupted, .interrupted])
        }
    }
}
