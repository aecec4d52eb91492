/// Keeps account of what was published and not yet answered, as a pure value.
///
/// The broker numbers the messages of a channel from 1 once confirms are selected, and answers single numbers or all up
/// to one. A message that comes back as unroutable is confirmed all the same, after it was returned.
struct ConfirmLedger {
    /// A message by the call that published it and its place in that call.
    struct Ticket: Hashable {
        var call: UInt64
        var place: Int
    }

    private struct Entry {
        var ticket: Ticket
        var size: Int
        var returned: String?
    }

    /// The tag of `entries[0]`.
    private var firstTag: UInt64 = 1
    private var entries: [Entry?] = []
    /// How many messages are unanswered.
    private(set) var open = 0
    /// How many bytes of bodies are unanswered.
    private(set) var openBytes = 0

    /// The tag that the next message gets.
    var nextTag: UInt64 { firstTag + UInt64(entries.count) }

    mutating func published(_ ticket: Ticket, size: Int = 0) {
        entries.append(Entry(ticket: ticket, size: size, returned: nil))
        open += 1
        openBytes += size
    }

    /// Notes that the message published under `tag` came back.
    mutating func returned(_ tag: UInt64, reason: String) {
        guard tag >= firstTag, tag < nextTag else { return }
        entries[Int(tag - firstTag)]?.returned = reason
    }

    /// Takes an ack or nack and says which messages it settles, in the order of publishing.
    ///
    /// A tag that is not open settles nothing.
    mutating func settle(_ tag: UInt64, multiple: Bool, confirmed: Bool) -> [(Ticket, PublishResult)] {
        // A tag of zero with `multiple` means all.
        let last = tag == 0 && multiple ? nextTag - 1 : tag
        guard last >= firstTag, last < nextTag else { return [] }
        var settled: [(Ticket, PublishResult)] = []
        for index in (multiple ? 0 : Int(last - firstTag))...Int(last - firstTag) {
            guard let entry = entries[index] else { continue }
            entries[index] = nil
            open -= 1
            openBytes -= entry.size
            settled.append((entry.ticket, confirmed ? entry.returned.map { .returned($0) } ?? .confirmed : .refused))
        }
        let done = entries.prefix { $0 == nil }.count
        entries.removeFirst(done)
        firstTag += UInt64(done)
        return settled
    }

    /// Forgets everything, as after a broken connection.
    mutating func reset() { self = ConfirmLedger() }
}
