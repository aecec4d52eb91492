import HTTPTypes
import Logging

/// One condition that a service needs before it can take work, by name: `database`, `broker`, `migrations`.
///
/// Asked by `/readyz` only. Liveness never depends on it: a restart does not bring back a database.
public struct ReadinessCheck: Sendable {
    public let name: String
    let check: @Sendable () async throws -> Void

    /// `check` returns when the condition holds and throws when not.
    ///
    /// The sentence of a `ReadinessFailure` is told to whoever asks, and anybody may ask; any other error goes to the log alone.
    public init(_ name: String, check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.check = check
    }
}

/// Why a service is not ready, as a sentence for whoever asks.
public struct ReadinessFailure: LoggableError, CustomStringConvertible, Equatable {
    public let description: String
    /// What goes to the log besides: addresses, roles and whatever else is nobody's business outside.
    let reason: String?
    public var logDescription: String { reason.map { "\(description): \($0)" } ?? description }

    /// Says the sentence to everybody, and the reason to the log only.
    public init(_ sentence: String, reason: String? = nil) {
        description = sentence
        self.reason = reason
    }
}

/// The answers of all checks at one moment.
struct ReadinessReport: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        let name: String
        /// Nil when the condition holds.
        let failure: String?
    }

    let entries: [Entry]
    var isReady: Bool { entries.allSatisfy { $0.failure == nil } }

    /// Runs all checks at once, each for at most `timeout`; the report keeps the order of the checks.
    ///
    /// What the report does not say of a failure is written to `logger`.
    static func make(of checks: [ReadinessCheck], timeout: Duration, logger: Logger) async -> ReadinessReport {
        let failures = await withTaskGroup(of: (Int, String?).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await failure(of: check, timeout: timeout, logger)) }
            }
            var failures: [Int: String] = [:]
            for await (index, failure) in group {
                failures[index] = failure
            }
            return failures
        }
        return ReadinessReport(
            entries: checks.enumerated().map { index, check in Entry(name: check.name, failure: failures[index]) })
    }

    /// Nil when the check passes in time.
    ///
    /// The check is not awaited longer, even when it ignores its cancellation.
    private static func failure(of check: ReadinessCheck, timeout: Duration, _ logger: Logger) async -> String? {
        let outcome = Latch<String?>()
        let checking = Task {
            do {
                try await check.check()
                outcome.open(nil)
            } catch {
                outcome.open(words(for: error, of: check, logger))
            }
        }
        let timing = Task {
            try await Task.sleep(for: timeout)
            outcome.open("it gave no answer within \(timeout)")
        }
        defer {
            checking.cancel()
            timing.cancel()
        }
        do {
            return try await outcome.value()
        } catch {
            return "it was interrupted"
        }
    }

    private static func words(for error: any Error, of check: ReadinessCheck, _ logger: Logger) -> String {
        if error is CancellationError { return "it was interrupted" }
        let failure = error as? ReadinessFailure
        if failure?.reason != nil || failure == nil {
            // Anybody may ask, as often as they like.
            logger.debug(
                "the service is not ready", metadata: .of([.part: "\(check.name)", .reason: "\(loggableDescription(of: error))"]))
        }
        return failure?.description ?? "it failed; the log says why"
    }

    /// The body of `/readyz`: a problem document with the extension `checks`, or a plain document when all is well.
    func document() -> [UInt8] {
        var json = JSONText()
        json.beginObject()
        if isReady {
            json.member("status", "ready")
        } else {
            let type = ProblemType.notReady
            let failing = entries.filter { $0.failure != nil }.map(\.name).joined(separator: ", ")
            json.member("type", type.uri)
            json.member("title", type.title)
            json.member("status", type.status.code)
            json.member("detail", "These checks fail: \(failing).")
            json.member("instance", "/readyz")
        }
        json.key("checks")
        json.beginArray()
        for entry in entries {
            json.beginObject()
            json.member("name", entry.name)
            json.member("status", entry.failure == nil ? "passing" : "failing")
            if let failure = entry.failure { json.member("detail", failure) }
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}
