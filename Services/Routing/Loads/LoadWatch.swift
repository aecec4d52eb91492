import CaseFlow
import Logging
import Models
import ServiceKit

/// Keeps the shelf at what units have to do, as long as a rule in force asks for it, and drops moves that are counted no more.
struct LoadWatch: Sendable {
    let book: LoadBook
    let shelf: LoadShelf
    /// Whether a rule in force chooses by loads.
    let isAsked: @Sendable () async throws -> Bool
    let logger: Logger

    /// Counts every few seconds, until the task is cancelled.
    func run() async {
        var forgotten: ContinuousClock.Instant?
        while !Task.isCancelled {
            do {
                shelf.put(try await isAsked() ? try await book.open() : nil)
                if forgotten.map({ ContinuousClock.now - $0 > .seconds(3600) }) ?? true {
                    try await book.forget()
                    forgotten = .now
                }
            } catch {
                if Task.isCancelled { return }
                // Rules choose by the last count until there is another.
                logger.warning("the loads of units cannot be counted now", metadata: .of([.reason: "\(error)"]))
            }
            try? await Task.sleep(for: LoadBook.age)
        }
    }
}

extension CountyDefinition {
    /// Whether a rule chooses by the loads of units.
    var asksForLoads: Bool {
        rules.contains { rule in
            if case .leastLoaded = rule.then.lead { true } else { false }
        }
    }
}
