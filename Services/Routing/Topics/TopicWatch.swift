import Logging
import Models
import ServiceKit

/// Keeps the shelf at the model that is in force, which an operator changes while routing runs.
struct TopicWatch: Sendable {
    let book: TopicModelBook
    let shelf: TopicShelf
    let logger: Logger

    /// Looks every few seconds, until the task is cancelled.
    func run() async {
        var unreadable: String?
        while !Task.isCancelled {
            do {
                let version = try await book.inForce()
                if version != shelf.version, version != unreadable {
                    do {
                        try await put(version)
                        unreadable = nil
                    } catch let error as TopicModelError {
                        // Cases go on without it: a person names their topics.
                        unreadable = version
                        shelf.put(nil)
                        logger.error("a topic model cannot be read; none is asked", metadata: .of([.reason: "\(error)"]))
                    }
                }
            } catch {
                if Task.isCancelled { return }
                logger.warning("the topic model in force cannot be looked up now", metadata: .of([.reason: "\(error)"]))
            }
            try? await Task.sleep(for: .seconds(2))
        }
    }

    private func put(_ version: String?) async throws {
        guard let version, let bytes = try await book.bytes(of: version) else { return shelf.put(nil) }
        shelf.put(try TopicModel(bytes: bytes))
        logger.notice("a topic model is in force", metadata: .of([.reason: "\(version)"]))
    }
}
