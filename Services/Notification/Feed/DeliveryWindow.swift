import Models

/// Orders what is being delivered to one webhook: each case's entries one after the other, different cases at the same time.
///
/// An entry is on its way, waits for one of its case that is, or is done: delivered or parked. What is parked lies in the database and comes
/// later, and so does everything that follows it in its case. The cursor is the number up to which all is done: after a crash
/// delivery goes on behind it, and what was done beyond it repeats.
struct DeliveryWindow {
    /// What must be written down before it may be forgotten here.
    struct Changes {
        /// To be parked: those whose delivery failed, and those that follow them.
        var parked: [(entry: NumberedEntry, failed: Bool)] = []
    }

    /// Up to here everything is done.
    private(set) var cursor: Int64
    /// The position in the feed that belongs to the cursor.
    private(set) var position: Int64
    /// Cases of which something is parked.
    private(set) var parkedCases: Set<Subject>
    private(set) var changes = Changes()
    /// By case, the entries that are not done, the first of them maybe on its way.
    private var lanes: [Subject: [NumberedEntry]] = [:]
    /// Cases of which nothing is on its way and something may be sent, in the order in which they became so.
    private var ready: [Subject] = []
    private var nextReady = 0
    /// Numbers beyond the cursor: whether each is done, and its position.
    private var open: [(position: Int64, isDone: Bool)] = []
    /// How far was read.
    private var read: Int64

    init(cursor: Int64, position: Int64, parkedCases: Set<Subject> = []) {
        self.cursor = cursor
        self.position = position
        self.parkedCases = parkedCases
        read = position
    }

    /// How many numbers lie beyond the cursor.
    var span: Int { open.count }

    /// The number of the last entry that was read.
    var last: Int64 { cursor + Int64(open.count) }

    /// Takes entries in their order, each the next number; up to `position` there are no others.
    mutating func add(_ entries: [NumberedEntry], through position: Int64) {
        for entry in entries {
            precondition(entry.number == last + 1, "entries come in the order of their numbers")
            if parkedCases.contains(entry.subject) {
                open.append((entry.position, true))
                changes.parked.append((entry, false))
                continue
            }
            open.append((entry.position, false))
            lanes[entry.subject, default: []].append(entry)
            if lanes[entry.subject]?.count == 1 { ready.append(entry.subject) }
        }
        read = max(read, position)
        advance()
    }

    /// Passes over a number that a replay does not want.
    mutating func pass(_ entry: NumberedEntry) {
        precondition(entry.number == last + 1, "entries come in the order of their numbers")
        open.append((entry.position, true))
        advance()
    }

    /// Whether something may be sent.
    var hasReady: Bool { nextReady < ready.count }

    /// The next entries to send, `limit` at most: those of one case follow each other.
    mutating func take(_ limit: Int) -> [NumberedEntry] {
        var taken: [NumberedEntry] = []
        while taken.count < limit, nextReady < ready.count {
            let subject = ready[nextReady]
            nextReady += 1
            // What follows in the case may go in the same batch: it arrives behind.
            let lane = lanes[subject] ?? []
            taken += lane.prefix(limit - taken.count)
        }
        if nextReady > 1024 {
            ready.removeFirst(nextReady)
            nextReady = 0
        }
        return taken
    }

    /// Entries that were taken arrived.
    mutating func delivered(_ entries: [NumberedEntry]) {
        for entry in entries { finish(entry) }
        free(entries)
    }

    /// Entries that were taken did not arrive, because of what they are: they are parked with what follows them in their cases.
    mutating func refused(_ entries: [NumberedEntry]) {
        var failed = Set(entries.map(\.number))
        for subject in Set(entries.map(\.subject)) {
            for entry in lanes.removeValue(forKey: subject) ?? [] {
                changes.parked.append((entry, failed.remove(entry.number) != nil))
                markDone(entry.number)
            }
            parkedCases.insert(subject)
        }
        advance()
    }

    /// Entries that were taken did not arrive, because nobody is there: they are taken again, before others.
    mutating func putBack(_ entries: [NumberedEntry]) {
        var seen = Set<Subject>()
        let subjects = entries.map(\.subject).filter { seen.insert($0).inserted }
        ready.replaceSubrange(0..<nextReady, with: subjects)
        nextReady = 0
    }

    /// What was to be written down has been.
    mutating func stored(_ changes: Changes) { self.changes.parked.removeFirst(changes.parked.count) }

    /// Nothing of these cases is parked any more, unless something has just come.
    mutating func released(_ subjects: [Subject]) {
        let waiting = Set(changes.parked.map(\.entry.subject))
        parkedCases.subtract(subjects.filter { !waiting.contains($0) })
    }

    private mutating func finish(_ entry: NumberedEntry) {
        if let place = lanes[entry.subject]?.firstIndex(where: { $0.number == entry.number }) { lanes[entry.subject]?.remove(at: place) }
        markDone(entry.number)
    }

    private mutating func free(_ entries: [NumberedEntry]) {
        for subject in Set(entries.map(\.subject)) {
            if lanes[subject]?.isEmpty == true { lanes[subject] = nil } else if lanes[subject] != nil { ready.append(subject) }
        }
        advance()
    }

    private mutating func markDone(_ number: Int64) {
        let place = Int(number - cursor) - 1
        if open.indices.contains(place) { open[place].isDone = true }
    }

    private mutating func advance() {
        let count = open.firstIndex { !$0.isDone } ?? open.count
        if count > 0 {
            position = open[count - 1].position
            cursor += Int64(count)
            open.removeFirst(count)
        }
        if open.isEmpty { position = max(position, read) }
    }
}
