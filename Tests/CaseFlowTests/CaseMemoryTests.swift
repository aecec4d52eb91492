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

        let first = memory.take([1, 2, 9].map(Self.subject)).cases
        let second = memory.take([1, 2, 3].map(Self.subject)).cases

        #expect(first.mapValues(\.state) == [Self.subject(1): 1, Self.subject(2): 2])
        #expect(second.mapValues(\.version) == [Self.subject(3): PostgresTransactionID(3)])
    }

    @Test("is not used where something waits at the case, which is known all the same")
    func waiting() {
        let memory = CaseMemory<Int>()
        memory.keep([Self.known(1, held: 1), Self.known(2, dead: 1), Self.known(3)])

        let taken = memory.take([1, 2, 3, 4].map(Self.subject))

        #expect(Array(taken.cases.keys) == [Self.subject(3)])
        #expect(taken.unfit == [Self.subject(1), Self.subject(2)])
    }

    @Test("stays small: what came last is there, what came long before is not, and what came twice is there as it was last")
    func bounded() {
        let memory = CaseMemory<Int>()
        for number in 0..<10_000 { memory.keep([Self.known(number)]) }
        memory.keep([(Self.subject(9_000), RememberedCase(clock: CaseClock(), state: -1, version: PostgresTransactionID(1)))])

        let taken = memory.take((0..<10_000).map(Self.subject)).cases

        #expect(taken[Self.subject(9_000)]?.state == -1)
        #expect((2048...4096).contains(taken.count))
        #expect((8_000..<10_000).allSatisfy { taken[Self.subject($0)] != nil })
    }

    @Test("is relied upon until it was wrong three times within a pause, and again after another")
    func wrong() {
        let (lasting, none) = (CaseMemory<Int>(), CaseMemory<Int>(pause: .zero))
        for memory in [lasting, none] {
            for _ in 1...3 {
                #expect(memory.isTrusted)
                memory.wasWrong()
            }
            memory.keep([Self.known(9)])
        }

        #expect(!lasting.isTrusted && lasting.faults == 3)
        while !none.isTrusted {}
        // What is known can be made sure of.
        #expect(lasting.take([Self.subject(9)]).cases.count == 1)
    }

    @Test("keeps the later of two states, whichever comes last")
    func order() {
        let memory = CaseMemory<Int>()
        for (position, state) in [(Int64(1), 1), (3, 3), (2, 2)] {
            let clock = CaseClock(positions: SourcePositions(routing: position))
            memory.keep([(Self.subject(1), RememberedCase(clock: clock, state: state, version: PostgresTransactionID(1)))])
        }

        #expect(memory.take([Self.subject(1)]).cases[Self.subject(1)]?.state == 3)
    }

    @Test("takes names for new until one was not")
    func names() {
        let (lasting, none) = (CaseMemory<Int>(), CaseMemory<Int>(pause: .zero))
        #expect(lasting.trustsNames)
        for memory in [lasting, none] { memory.wasWrongOfNames() }
        #expect(!lasting.trustsNames)
        while !none.trustsNames {}
    }

    @Test("knows the county version in force by the latest answer, however late others are heard, and not soon after a new one came")
    func inForce() {
        let (memory, begin) = (CaseMemory<Int>(), Instant(microseconds: 1_796_000_000_000_000))
        let asked = ServerTime.Local.now
        #expect(memory.moment() == nil)
        memory.learn(begin + .seconds(5), asked: .now, inForce: "b")
        memory.learn(begin, asked: .init(real: asked.real - 5_000_000, steady: asked.steady - 5_000_000), inForce: "a")
        #expect(memory.moment()?.inForce == "b")
        memory.ask(after: begin + .seconds(6))
        memory.learn(begin + .milliseconds(6500), asked: .now, inForce: "b")
        #expect(memory.moment() == nil)
        memory.learn(begin + .milliseconds(7500), asked: .now, inForce: nil)
        let moment = memory.moment()
        #expect(moment != nil && moment?.inForce == nil)
        // A clock that was set back.
        memory.learn(begin - .seconds(5), asked: .now, inForce: "d")
        #expect(memory.moment()?.inForce == "d")
        memory.wasWrong()
        #expect(memory.moment() == nil)
    }

    @Test("is empty after it was forgotten")
    func forgotten() {
        let memory = CaseMemory<Int>()
        memory.learn(Instant(microseconds: 1_796_000_000_000_000), asked: .now, inForce: "a")
        memory.keep([Self.known(1)])
        memory.tidy()
        #expect(memory.take([Self.subject(1)]).cases.count == 1)
        memory.keep([Self.known(1)])

        memory.forget()

        #expect(memory.moment() == nil)
        let taken = memory.take([Self.subject(1)])
        #expect(taken.cases.isEmpty && taken.unfit.isEmpty)
    }
}
