import Models

/// Gives a batch of letters to an endpoint, several at the same time, and gives up on the rest when so many in a row found it unusable.
struct NoticeWindow: Sendable {
    /// How many are under way at the same time, and how many faults of the endpoint in a row end the batch.
    var width = 16

    /// What became of each letter, in their order; none is begun once `limit` is over.
    func deliver(
        _ letters: [NoticeLetter], within limit: Duration, _ post: @escaping @Sendable (NoticeLetter) async -> NoticeOutcome
    ) async -> [NoticeOutcome] {
        let end = ContinuousClock.now + limit
        return await withTaskGroup(of: (Int, NoticeOutcome).self) { group in
            var outcomes = [NoticeOutcome](repeating: .untried("it was not tried: the endpoint answered too few"), count: letters.count)
            var (next, silent) = (0, 0)
            func begin() {
                guard next < letters.count, .now < end, !Task.isCancelled else { return }
                let (index, letter) = (next, letters[next])
                group.addTask { (index, await post(letter)) }
                next += 1
            }
            for _ in 0..<width { begin() }
            while silent < width, let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                // An endpoint that asks for a rest gets it at once.
                silent = outcome.wish != nil ? width : outcome.isAnswer == false ? silent + 1 : 0
                begin()
            }
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
    }
}
