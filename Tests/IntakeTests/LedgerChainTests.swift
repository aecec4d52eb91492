import Intake
import Models
import Testing

@Suite("The chain of a ledger")
struct LedgerChainTests {
    private static func event(_ number: Int64) -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: 1, low: UInt64(number))), source: .intake, subject: Subject(UniqueID(high: 2, low: 2)),
            type: "case.registered", version: 1, time: Instant(microseconds: number), sequence: number, after: .init(), county: "c",
            traceparent: nil, data: Array(#"{"title":"灯 \#(number)"}"#.utf8))
    }

    /// The lines of a whole ledger, as intake writes them.
    private static let lines: [[UInt8]] = {
        var (lines, previous): ([[UInt8]], [UInt8]) = ([], [UInt8](repeating: 0, count: 32))
        for number in 1...5 as ClosedRange<Int64> {
            let line = LedgerLine(position: number, event: event(number), previous: previous)
            let ends = #","previous":"\#(hexadecimal(line.previous))","hash":"\#(hexadecimal(line.hash))"}"#
            lines.append(Array(#"{"position":\#(number),"event":"#.utf8) + line.wire + Array(ends.utf8))
            previous = line.hash
        }
        return lines
    }()

    private func document(_ lines: [[UInt8]]) -> [UInt8] {
        Array(#"{"lines":["#.utf8) + Array(lines.joined(separator: [0x2C])) + Array("]}".utf8)
    }

    @Test("is whole as intake gives it")
    func whole() throws {
        let hashes = try LedgerChain.verify(document(Self.lines))

        #expect(hashes.count == 5)
        for (hash, line) in zip(hashes, Self.lines) { #expect(String(decoding: line, as: UTF8.self).contains(hash)) }
    }

    @Test("shows any changed byte", arguments: [1, 0x20, 0x80] as [UInt8])
    func changed(mask: UInt8) {
        let document = document(Self.lines)

        for index in document.indices {
            var changed = document
            changed[index] ^= mask
            #expect(throws: LedgerChain.Fault.self, "byte \(index)") { try LedgerChain.verify(changed) }
        }
    }

    @Test("shows lines that were taken out, doubled or swapped")
    func moved() {
        for index in 0..<4 {
            var (removed, doubled, swapped) = (Self.lines, Self.lines, Self.lines)
            removed.remove(at: index)
            doubled.insert(doubled[index], at: index)
            swapped.swapAt(index, index + 1)
            for lines in [removed, doubled, swapped] {
                #expect(throws: LedgerChain.Fault.self) { try LedgerChain.verify(document(lines)) }
            }
        }
        #expect(throws: LedgerChain.Fault.self) { try LedgerChain.verify(document([])) }
    }
}
