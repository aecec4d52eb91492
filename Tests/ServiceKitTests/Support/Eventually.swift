import Testing

/// Polls until `condition` holds; records an issue when it does not within ten seconds.
func eventually(_ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async -> Bool) async {
    let limit = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < limit {
        if await condition() { return }
        try? await Task.sleep(for: .milliseconds(5))
    }
    Issue.record(what, sourceLocation: sourceLocation)
}
