import Models
import TestModels
import Testing

@testable import CaseFlow

@Suite("The time of the server, as far as its answers tell")
struct ServerTimeTests {
    /// 2026-11-30, in microseconds.
    private static let wall: Int64 = 1_796_000_000_000_000

    private static func local(_ steady: Int64, set: Int64 = 0) -> ServerTime.Local { .init(real: wall + steady + set, steady: steady) }

    @Test("is never later than it is, never runs backwards, and misses no more than the quickest answer did")
    func close() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            var (time, steady, last) = (ServerTime(), Int64.random(in: 0...1_000_000_000, using: &random), Int64(0))
            let ahead = Int64.random(in: -1_000_000_000...1_000_000_000, using: &random)
            var recent: [(at: Int64, delay: Int64)] = []
            for _ in 0..<50 {
                steady += Int64.random(in: 0...300_000, using: &random)
                if Bool.random(using: &random) || recent.isEmpty {
                    let delay = Int64.random(in: 0...200_000, using: &random)
                    time.learn(
                        Instant(microseconds: Self.wall + steady + ahead - delay),
                        asked: Self.local(steady - delay - Int64.random(in: 0...50_000, using: &random)), heard: Self.local(steady))
                    recent.append((steady, delay))
                }

                let now = time.now(at: Self.local(steady))?.microseconds

                let (isFresh, real) = (steady - (recent.last?.at ?? .min / 2) <= 1_000_000, Self.wall + steady + ahead)
                #expect((now != nil) == isFresh)
                guard let now else { continue }
                // The answers of this second are among those that count.
                let quickest = recent.filter { steady - $0.at < 1_000_000 }.map(\.delay).min() ?? 200_000
                #expect(now <= real && now >= real - quickest)
                #expect(now >= last)
                last = now
            }
        }
    }

    @Test("does not go back between answers")
    func forwards() {
        var (time, last) = (ServerTime(), Int64.min)
        for step in 0..<3000 {
            let steady = Int64(step) * 1000
            // The quickest answer comes once, and counts for two seconds.
            let delay: Int64 = step == 100 ? 0 : 900
            time.learn(Instant(microseconds: Self.wall + steady - delay), asked: Self.local(steady - 1000), heard: Self.local(steady))
            let now = time.now(at: Self.local(steady + 500))?.microseconds ?? .min
            #expect(now > last)
            last = now
        }
    }

    @Test("is not known before an answer, a second after one, and when this machine's clock has been set")
    func unknown() {
        var time = ServerTime()
        #expect(time.now(at: Self.local(0)) == nil)
        time.learn(Instant(microseconds: 5), asked: Self.local(0), heard: Self.local(0))
        #expect(time.now(at: Self.local(1_000_000)) != nil)
        #expect(time.now(at: Self.local(1_000_001)) == nil)
        time.learn(Instant(microseconds: 2_000_005), asked: Self.local(2_000_000), heard: Self.local(2_000_000))
        #expect(time.now(at: Self.local(2_000_001, set: 40_000)) != nil)
        for set: Int64 in [86_400_000_000, -86_400_000_000, 60_000] {
            #expect(time.now(at: Self.local(2_000_001, set: set)) == nil)
        }
    }

    @Test("follows a clock that is set back or ahead from the next answer on")
    func set() {
        for leap: Int64 in [3_600_000_000, -3_600_000_000] {
            // On this machine, or on the server's alone.
            for set in [leap, 0] {
                var time = ServerTime()
                time.learn(Instant(microseconds: Self.wall), asked: Self.local(0), heard: Self.local(0))
                time.learn(
                    Instant(microseconds: Self.wall + leap + 1000), asked: Self.local(1000, set: set), heard: Self.local(1000, set: set))
                #expect(time.now(at: Self.local(2000, set: set)) == Instant(microseconds: Self.wall + leap + 2000))
            }
        }
    }

    @Test("is not taken for set back by an answer that is heard seconds after it was given")
    func late() {
        var time = ServerTime()
        for second in Int64(0)...4 {
            let steady = second * 1_000_000
            time.learn(Instant(microseconds: Self.wall + steady), asked: Self.local(steady), heard: Self.local(steady))
        }
        let wasSet = time.learn(Instant(microseconds: Self.wall + 1_000_000), asked: Self.local(900_000), heard: Self.local(4_000_000))

        #expect(!wasSet)
        #expect(time.now(at: Self.local(4_000_500)) == Instant(microseconds: Self.wall + 4_000_500))
    }
}
