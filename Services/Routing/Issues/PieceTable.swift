/// How many matters hold each piece, and which: an open hash table with lists in one flat array, since there are a hundred pieces a matter.
///
/// A list is made of blocks, each twice as long as the one before it: what is visited together lies together. Most pieces are of one matter
/// alone and have no block.
struct PieceTable {
    /// What is known of one piece; what is asked for together lies together.
    private struct Slot {
        /// Zero for an empty slot.
        var hash: UInt32 = 0
        /// How many matters hold it.
        var count: Int32 = 0
        /// Where its latest block begins; -1 where no matter is to be found by it yet, and `single` of the one matter where it is alone.
        var head: Int32 = -1
    }

    private var slots: [Slot]
    /// The blocks: where the block before begins (-1 for none), for how many matters there is room, how many there are, and those.
    ///
    /// A matter is its number, or the complement of that where the piece stands in the narrative alone.
    private var blocks: [Int32] = []
    private var used = 0

    private static let header: Int32 = 3
    private static let (leastRoom, mostRoom) = (Int32(2), Int32(64))

    init() { slots = [Slot](repeating: Slot(), count: 1 << 12) }

    /// Notes that one more matter holds the piece.
    mutating func count(_ hash: UInt32) {
        if used * 3 >= slots.count * 2 { grow() }
        let slot = slot(of: hash)
        if slots[slot].hash == 0 {
            slots[slot].hash = hash
            used += 1
        }
        slots[slot].count += 1
    }

    /// How many matters hold the piece.
    func count(of hash: UInt32) -> Int { Int(slots[slot(of: hash)].count) }

    /// Adds a matter to those that are found by the piece, which was counted before.
    mutating func add(_ matter: Int, to piece: MatterPieces.Piece) {
        let slot = slot(of: piece.hash)
        let entry = piece.isOfNarrative ? ~Int32(matter) : Int32(matter)
        var head = slots[slot].head
        if head == -1 {
            slots[slot].head = Self.single(entry)
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
        slots[slot].head = head
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
        let piece = slots[slot(of: hash)]
        let scale = max(1, Float(piece.count) / Float(Self.mostVisits))
        if piece.head < -1 {
            let entry = Self.entry(ofSingle: piece.head)
            return entry < 0 ? visit(Int(~entry), MatterPieces.narrativeFactor * scale) : visit(Int(entry), scale)
        }
        blocks.withUnsafeBufferPointer { blocks in
            var (block, left) = (Int(piece.head), Self.mostVisits)
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
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            var slot = Int(truncatingIfNeeded: (UInt64(hash) &* 0x9E37_79B9_7F4A_7C15) >> 33) & mask
            while slots[slot].hash != 0, slots[slot].hash != hash { slot = (slot + 1) & mask }
            return slot
        }
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        for piece in old where piece.hash != 0 { slots[slot(of: piece.hash)] = piece }
    }
}
