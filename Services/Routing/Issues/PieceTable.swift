/// How many matters hold each piece, and which: an open hash table with lists in one flat array, since there are a hundred pieces a matter.
///
/// A list is made of blocks, each twice as long as the one before it: what is visited together lies together. Most pieces are of one matter
/// alone and have no block.
struct PieceTable {
    private var hashes: [UInt32]
    private var counts: [Int32]
    /// Where the latest block of each piece begins; -1 where no matter holds it yet, and `single` of the one matter where it is alone.
    private var heads: [Int32]
    /// The blocks: where the block before begins (-1 for none), for how many matters there is room, how many there are, and those.
    ///
    /// A matter is its number, or the complement of that where the piece stands in the narrative alone.
    private var blocks: [Int32] = []
    private var used = 0

    private static let header: Int32 = 3
    private static let (leastRoom, mostRoom) = (Int32(2), Int32(64))

    init() {
        hashes = [UInt32](repeating: 0, count: 1 << 12)
        counts = [Int32](repeating: 0, count: 1 << 12)
        heads = [Int32](repeating: -1, count: 1 << 12)
    }

    /// Notes that one more matter holds the piece.
    mutating func count(_ hash: UInt32) {
        if used * 2 >= hashes.count { grow() }
        let slot = slot(of: hash)
        if hashes[slot] == 0 {
            hashes[slot] = hash
            used += 1
        }
        counts[slot] += 1
    }

    /// How many matters hold the piece.
    func count(of hash: UInt32) -> Int { Int(counts[slot(of: hash)]) }

    /// Adds a matter to those that are found by the piece, which was counted before.
    mutating func add(_ matter: Int, to piece: MatterPieces.Piece) {
        let slot = slot(of: piece.hash)
        let entry = piece.isOfNarrative ? ~Int32(matter) : Int32(matter)
        var head = heads[slot]
        if head == -1 {
            heads[slot] = Self.single(entry)
            return
        }
        if head < -1 {
            let first = Self.entry(ofSingle: head)
            head = addBlock(after: -1, room: Self.leastRoom)
            blocks[Int(head + Self.header)] = first
            blocks[Int(head) + 2] = 1
        } else if blocks[Int(head) + 1] == blocks[Int(head) + 2] {
            head = addBlock(after: head, room: min(blocks[Int(head) + 1] * 2, Self.mostRoom))
        }
        heads[slot] = head
        blocks[Int(head + Self.header + blocks[Int(head) + 2])] = entry
        blocks[Int(head) + 2] += 1
    }

    /// Below -1 for each entry, and the entry for each of those: a matter is less than a thousand million.
    private static func single(_ entry: Int32) -> Int32 { entry >= 0 ? -2 - 2 * entry : -3 - 2 * ~entry }
    private static func entry(ofSingle head: Int32) -> Int32 {
        let code = -2 - head
        return code % 2 == 0 ? code / 2 : ~(code / 2)
    }

    private mutating func addBlock(after head: Int32, room: Int32) -> Int32 {
        let block = Int32(blocks.count)
        blocks += [head, room, 0]
        blocks += repeatElement(0, count: Int(room))
        return block
    }

    /// Visits the matters that hold a piece, the latest first, with how much it counts there.
    ///
    /// Of more than `mostVisits` only the latest are visited, each in place of as many as there are for it.
    @inline(__always)
    func forEach(of hash: UInt32, _ visit: (Int, Float) -> Void) {
        let slot = slot(of: hash)
        let scale = max(1, Float(counts[slot]) / Float(Self.mostVisits))
        if heads[slot] < -1 {
            let entry = Self.entry(ofSingle: heads[slot])
            return entry < 0 ? visit(Int(~entry), MatterPieces.narrativeFactor * scale) : visit(Int(entry), scale)
        }
        blocks.withUnsafeBufferPointer { blocks in
            var (block, left) = (Int(heads[slot]), Self.mostVisits)
            while block >= 0, left > 0 {
                let begin = block + Int(Self.header)
                var place = begin + Int(blocks[block + 2])
                while place > begin, left > 0 {
                    (place, left) = (place - 1, left - 1)
                    let matter = blocks[place]
                    if matter < 0 {
                        visit(Int(~matter), MatterPieces.narrativeFactor * scale)
                    } else {
                        visit(Int(matter), scale)
                    }
                }
                block = Int(blocks[block])
            }
        }
    }

    private static let mostVisits = 128

    private func slot(of hash: UInt32) -> Int {
        let mask = hashes.count - 1
        var slot = Int(truncatingIfNeeded: (UInt64(hash) &* 0x9E37_79B9_7F4A_7C15) >> 33) & mask
        while hashes[slot] != 0, hashes[slot] != hash { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let (oldHashes, oldCounts, oldHeads) = (hashes, counts, heads)
        hashes = [UInt32](repeating: 0, count: oldHashes.count * 2)
        counts = [Int32](repeating: 0, count: oldHashes.count * 2)
        heads = [Int32](repeating: -1, count: oldHashes.count * 2)
        for old in oldHashes.indices where oldHashes[old] != 0 {
            let slot = slot(of: oldHashes[old])
            (hashes[slot], counts[slot], heads[slot]) = (oldHashes[old], oldCounts[old], oldHeads[old])
        }
    }
}
