import Models
import Postgres
import Testing

@testable import CaseFlow

@Suite("What a process remembers of cases")
struct CaseMemoryTests {
    private static func subject(_ number: Int) -> Subject { Subject(UniqueID(high: 1, low: UInt64(number))) }

    private static func known(_ number: Int, held: Int32 = 0, dead: Int32 = 0) -> (subject: Subject, known: RememberedCase<Int>) {
        (
            subject(number),
            RememberedCase(clock: CaseClock(held: held, dead: dead), state: number, version: PostgresTransactionID(UInt32(number)))
        )
    }

    @Test("is taken out once, and those that nobody put in are not there")
    func once() {
        let memory = CaseMemory<Int>()
        memory.keep([1, 2, 3].map { Self.known($0) })

        let first = memory.take([1, 2, 9].map(Self.subject))
        let second = memory.take([1, 2, 3].map(Self.subject))

        #expect(first.mapValues(\.state) == [Self.subject(1): 1, Self.subject(2): 2])
        #expect(second.mapValues(\.version) == [Self.subject(3): PostgresTransactionID(3)])
    }

    @Test("is not used where something waits at the case")
    func waiting() {
        let memory = CaseMemory<Int>()
        memory.keep([Self.known(1, held: 1), Self.known(2, dead: 1), Self.known(3)])

        let taken = memory.take([1, 2, 3].map(Self.subject))

        #expect(Array(taken.keys) == [Self.subject(3)])
    }

    @Test("stays small: what came last is there, what came long before is not, and what came twice is there as it was last")
    func bounded() {
        let memory = CaseMemory<Int>()
        for number in 0..<10_000 { memory.keep([Self.known(number)]) }
        memory.keep([(Self.subject(9_000), RememberedCase(clock: CaseClock(), state: -1, version: PostgresTransactionID(1)))])

        let taken = memory.take((0..<10_000).map(Self.subject))

        #expect(taken[Self.subject(9_000)]?.state == -1)
        #expect((2048...4096).contains(taken.count))
        #expect((8_000..<10_000).allSatisfy { taken[Self.subject($0)] != nil })
    }

    @Test("is gone and not relied upon after it was wrong, and neither is the time")
    func forgotten() {
        let memory = CaseMemory<Int>()
        memory.learn(Instant(microseconds: 1_796_000_000_000_000), inForce: "a")
        let before = memory.moment(after: nil)
        memory.keep([Self.known(1)])

        memory.forget()
        memory.keep([Self.known(2)])

        #expect(before?.inForce == "a")
        #expect(memory.moment(after: nil) == nil)
        #expect(memory.take([1, 2].map(Self.subject)).isEmpty)
    }

    @Test("tells a time that is not before what was heard, unless a clock is far ahead")
    func heard() throws {
        let memory = CaseMemory<Int>()
        memory.learn(Instant(microseconds: 1_796_000_000_000_000), inForce: nil)
        let now = try #require(memory.moment(after: nil)).now

        let (soon, far) = (now + .milliseconds(500), now + .seconds(5))

        #expect(memory.moment(after: soon)?.now == soon)
        #expect(try #require(memory.moment(after: far)).now < far)
    }
}
