import TestSupport
import Testing

@testable import AMQP

@Suite("The order of acknowledgements")
struct AckOrderTests {
    @Test("lets a batch go at once when none before it is open")
    func inOrder() {
        var order = AckOrder()
        order.handedOut(lastTag: 3)
        order.handedOut(lastTag: 7)

        #expect(order.finish(lastTag: 3) == 3)
        #expect(order.finish(lastTag: 7) == 7)
    }

    @Test("holds a later batch back until every earlier one is finished, then covers both at once")
    func outOfOrder() {
        var order = AckOrder()
        for tag: UInt64 in [2, 4, 6] { order.handedOut(lastTag: tag) }

        #expect(order.finish(lastTag: 4) == nil)
        #expect(order.finish(lastTag: 2) == 4)
        #expect(order.finish(lastTag: 2) == nil)
        #expect(order.finish(lastTag: 6) == 6)
    }

    @Test("never covers an unfinished batch and in the end covers all, for any order of finishing", arguments: 0..<100)
    func anyOrder(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var order = AckOrder()
        var (open, covered, lastTag) = (Set<UInt64>(), UInt64(0), UInt64(0))
        for _ in 0..<200 {
            if Bool.random(using: &random) || open.isEmpty {
                lastTag += UInt64.random(in: 1...5, using: &random)
                order.handedOut(lastTag: lastTag)
                open.insert(lastTag)
            } else if let tag = open.sorted().randomElement(using: &random) {
                open.remove(tag)
                if let upTo = order.finish(lastTag: tag) {
                    #expect(upTo > covered)
                    #expect(!open.contains { $0 <= upTo })
                    covered = upTo
                }
            }
        }
        for tag in open.sorted() { covered = order.finish(lastTag: tag) ?? covered }

        #expect(covered == lastTag)
    }
}
