import Testing

/// Polls a condition until it holds; records an issue and throws when it does not within `limit`.
public func eventually(
    within limit: Duration = .seconds(30), _ what: String = "the condition", sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("\(what) did not come true within \(limit)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
