/// Knows which batches of a subscription wait for their acknowledgement, as a pure value.
///
/// An acknowledgement covers everything up to its tag, so one that came out of order would also cover a batch that nobody
/// has finished. Batches may finish in any order; the tag goes out once every batch before it is finished.
struct AckOrder {
    private var open: [(lastTag: UInt64, isFinished: Bool)] = []

    /// Notes a batch that is handed out; batches come in the order of their tags.
    mutating func handedOut(lastTag: UInt64) { open.append((lastTag, false)) }

    /// Notes that a batch is finished, and gives the tag up to which everything may be acknowledged now.
    ///
    /// Nil while an older batch is unfinished, or when this one was finished before.
    mutating func finish(lastTag: UInt64) -> UInt64? {
        guard let index = open.firstIndex(where: { $0.lastTag == lastTag && !$0.isFinished }) else { return nil }
        open[index].isFinished = true
        let done = open.prefix { $0.isFinished }
        guard let last = done.last else { return nil }
        open.removeFirst(done.count)
        return last.lastTag
    }
}
