import TestSupport
import Testing

@testable import Operator

/// A folder of its own for one test of the supervisor, removed with all that is in it by `withSupervisorFolder`.
func withSupervisorFolder<Result>(_ body: (HouseFolder) async throws -> Result) async throws -> Result {
    let home = try TestDirectory("huiyin-supervisor")
    let folder = HouseFolder(home: home.path)
    defer { withExtendedLifetime(home) {} }
    try folder.create()
    return try await body(folder)
}

/// Looks until the condition holds; false when it does not within two minutes.
func becomesTrue(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while true {
        if try await condition() { return true }
        guard ContinuousClock.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(10))
    }
}
