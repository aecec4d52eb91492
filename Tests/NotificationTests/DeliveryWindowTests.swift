import Models
import TestSupport
import Testing

@testable import Notification

@Suite("What is under way to a webhook")
struct DeliveryWindowTests {
    private static func entry(_ number: Int64, of subject: Int, at position: Int64? = nil) -> NumberedEntry {
        NumberedEntry(
            number: number, position: position ?? number * 3, event: EventID(UniqueID(high: 1, low: UInt64(number))),
            subject: Subject(UniqueID(high: 2, low: UInt64(subject))), type: "case.assigned", time: Instant(microseconds: 0), body: [])
    }

    @Test("goes case by case: one entry of each at a time, in their order")
    func lanes() {
        var window = DeliveryWindow(cursor: 0, position: 0)
        window.add([Self.entry(1, of: 1), Self.entry(2, of: 1), Self.entry(3, of: 2)], through: 12)

        #expect(window.take(1).map(\.number) == [1])
        #expect(window.take(1).map(\.number) == [3])
        #expect(!window.hasReady && window.cursor == 0)

        window.delivered([Self.entry(3, of: 2)])
        #expect(window.cursor == 0)
        window.delivered([Self.entry(1, of: 1)])
        #expect(window.cursor == 1 && window.position == 3)
        #expect(window.take(1).map(\.number) == [2])
        window.delivered([Self.entry(2, of: 1)])
        #expect(window.cursor == 3 && window.position == 12)
    }

    @Test("parks what was refused with everything behind it in its case, and goes on")
    func parking() {
        var window = DeliveryWindow(cursor: 0, position: 0)
        window.add([Self.entry(1, of: 1), Self.entry(2, of: 1), Self.entry(3, of: 2)], through: 9)
        _ = window.take(1)

        window.refused([Self.entry(1, of: 1)])
        window.add([Self.entry(4, of: 1)], through: 12)

        #expect(window.changes.parked.map(\.entry.number) == [1, 2, 4])
        #expect(window.changes.parked.map(\.failed) == [true, false, false])
        #expect(window.cursor == 2)
        window.delivered(window.take(1))
        #expect(window.cursor == 4)

        window.stored(window.changes)
        window.released([Self.entry(1, of: 1).subject])
        window.add([Self.entry(5, of: 1)], through: 15)
        #expect(window.take(1).map(\.number) == [5])
    }

    @Test("sends first again what nobody took, and passes over what a replay does not want")
    func again() {
        var window = DeliveryWindow(cursor: 4, position: 12)
        window.pass(Self.entry(5, of: 9))
        window.add([Self.entry(6, of: 1), Self.entry(7, of: 2), Self.entry(8, of: 3)], through: 24)
        let first = window.take(1)
        let second = window.take(1)

        window.putBack(second)
        window.putBack(first)

        #expect(window.cursor == 5)
        #expect(window.take(9).map(\.number) == [6, 7, 8])
    }

    @Test("never lets a case's entries overtake each other, loses none and counts none twice, whatever happens", arguments: 1...60)
    func chance(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var window = DeliveryWindow(cursor: 0, position: 0)
        var (next, underWay, arrived): (Int64, [NumberedEntry], [Subject: [Int64]]) = (1, [], [:])
        var (parked, all): ([NumberedEntry], [Subject: [Int64]]) = ([], [:])
        for _ in 0..<800 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1:
                let found = (0..<Int64.random(in: 0...4, using: &random)).map { offset in
                    Self.entry(next + offset, of: .random(in: 1...7, using: &random))
                }
                for entry in found { all[entry.subject, default: []].append(entry.number) }
                next += Int64(found.count)
                window.add(found, through: (next - 1) * 3 + 1)
            case 2, 3:
                let taken = window.take(Int.random(in: 1...3, using: &random))
                #expect(Set(taken.map(\.subject)).isDisjoint(with: underWay.map(\.subject)))
                underWay += taken
            case 4, 5:
                guard let subject = underWay.first?.subject else { continue }
                let done = underWay.filter { $0.subject == subject }
                underWay.removeAll { $0.subject == subject }
                for entry in done { arrived[subject, default: []].append(entry.number) }
                window.delivered(done)
            case 6:
                guard let entry = underWay.last, underWay.count(where: { $0.subject == entry.subject }) == 1 else { continue }
                underWay.removeLast()
                window.refused([entry])
            default:
                let changes = window.changes
                parked += changes.parked.map(\.entry)
                window.stored(changes)
                // Their turn comes: those of one case one after the other.
                guard let subject = parked.first?.subject else { continue }
                for entry in parked where entry.subject == subject { arrived[subject, default: []].append(entry.number) }
                parked.removeAll { $0.subject == subject }
                window.released([subject])
            }
        }
        // What is left arrives.
        for entry in underWay { arrived[entry.subject, default: []].append(entry.number) }
        window.delivered(underWay)
        while window.hasReady {
            let taken = window.take(5)
            for entry in taken { arrived[entry.subject, default: []].append(entry.number) }
            window.delivered(taken)
        }
        for entry in parked + window.changes.parked.map(\.entry) { arrived[entry.subject, default: []].append(entry.number) }

        #expect(arrived == all)
        #expect(window.cursor == next - 1)
    }
}
