import TestSupport
import Testing

@testable import Routing

@Suite("A table of pieces")
struct PieceTableTests {
    @Test("finds the matters that hold a piece, the latest first, whether one holds it, a few or many")
    func finds() {
        var random = SeededRandom(seed: 7)
        var table = PieceTable()
        var plain: [UInt32: [(matter: Int, factor: Float)]] = [:]
        for matter in 0..<100 {
            // Few matters hold most of them, and nearly all hold a few.
            let hashes = Set((0..<40).map { _ in UInt32.random(in: 0..<(Bool.random(using: &random) ? 20 : 4000), using: &random) | 1 })
            for hash in hashes.sorted() {
                let piece = MatterPieces.Piece(hash: hash, isOfNarrative: Bool.random(using: &random))
                table.count(hash)
                table.add(matter, to: piece)
                plain[hash, default: []].append((matter, piece.factor))
            }
        }

        #expect(
            plain.values.contains { $0.count == 1 } && plain.values.contains { $0.count == 2 } && plain.values.contains { $0.count > 90 })
        for (hash, held) in plain {
            var found: [(matter: Int, factor: Float)] = []
            table.forEach(of: hash) { found.append(($0, $1)) }
            #expect(found.elementsEqual(held.reversed()) { $0 == $1 }, "of \(held.count)")
            #expect(table.count(of: hash) == held.count)
        }
        var isVisited = false
        table.forEach(of: 0x8000_0001) { _, _ in isVisited = true }
        #expect(!isVisited)
    }
}
