/// The `publish` calls under way: which message is sent next, and which call is answered when.
///
/// Calls are sent in the order in which they came, each whole before the next; their confirms may overtake each other.
struct PublishCalls {
    typealias Answer = Result<[PublishResult], AMQPError>

    private struct Call {
        let messages: [AMQPMessage]
        let continuation: CheckedContinuation<Answer, Never>
        var sent = 0
        var settled = 0
        var results: [PublishResult]
    }

    private var calls: [UInt64: Call] = [:]
    /// The calls with unsent messages, oldest first; ones that were answered meanwhile are skipped.
    private var line: ArraySlice<UInt64> = []

    var isEmpty: Bool { calls.isEmpty }

    mutating func add(_ id: UInt64, _ messages: [AMQPMessage], _ continuation: CheckedContinuation<Answer, Never>) {
        calls[id] = Call(
            messages: messages, continuation: continuation, results: Array(repeating: .refused, count: messages.count))
        line.append(id)
    }

    /// The next message to send; `markSent` takes it off.
    mutating func next() -> (ticket: ConfirmLedger.Ticket, message: AMQPMessage)? {
        while let id = line.first {
            if let call = calls[id], call.sent < call.messages.count {
                return (ConfirmLedger.Ticket(call: id, place: call.sent), call.messages[call.sent])
            }
            line.removeFirst()
        }
        return nil
    }

    mutating func markSent(_ ticket: ConfirmLedger.Ticket) { calls[ticket.call]?.sent = ticket.place + 1 }

    /// Notes what became of a message, and answers the call if it was its last.
    mutating func settle(_ ticket: ConfirmLedger.Ticket, _ result: PublishResult) {
        guard let index = calls.index(forKey: ticket.call) else { return }
        calls.values[index].results[ticket.place] = result
        calls.values[index].settled += 1
        guard calls.values[index].settled == calls.values[index].messages.count else { return }
        let call = calls.remove(at: index).value
        call.continuation.resume(returning: .success(call.results))
    }

    /// Ends one call early; the answers to what was sent of it are nobody's.
    mutating func fail(_ id: UInt64, _ error: AMQPError) {
        calls.removeValue(forKey: id)?.continuation.resume(returning: .failure(error))
    }

    mutating func failAll(_ error: AMQPError) {
        let failed = calls.values
        calls = [:]
        line = []
        for call in failed { call.continuation.resume(returning: .failure(error)) }
    }
}
