import ServiceLifecycle

/// Runs one part: waits for the part before it, starts it, and says when it is ready.
struct PartRunner: Service {
    let part: Part
    /// Opened by the part before this one; nil for the first.
    let previous: Latch<Void>?
    let started: Latch<Void>
    /// Called before a failure is thrown, so that the stop it causes cannot hang either.
    let failing: @Sendable () -> Void

    private enum Step {
        case ended, ready, late
    }

    func run() async throws {
        if let previous {
            do {
                try await cancelWhenGracefulShutdown { try await previous.value() }
            } catch is CancellationError {
                return
            }
        }
        do {
            try await runStarted()
        } catch let error as CancellationError {
            throw error
        } catch {
            failing()
            throw error
        }
    }

    private func runStarted() async throws {
        try await withThrowingTaskGroup(of: Step.self) { group in
            group.addTask {
                try await part.service.run()
                return .ended
            }
            group.addTask {
                try await cancelWhenGracefulShutdown { try await part.ready() }
                return .ready
            }
            group.addTask {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: part.startLimit) }
                return .late
            }
            defer { group.cancelAll() }
            while let result = await group.nextResult() {
                switch result {
                case .success(.ready): started.open(())
                case .success(.ended):
                    guard Task.isShuttingDownGracefully || Task.isCancelled else { throw failure("it ended by itself") }
                    return
                case .success(.late):
                    guard started.isOpen else { throw failure("it was not ready within \(part.startLimit)") }
                case .failure(let error as CancellationError):
                    // The readiness or the limit of a part that is being stopped: its run decides how this ends.
                    guard Task.isShuttingDownGracefully, !Task.isCancelled else { throw error }
                case .failure(let error as StartupFailure): throw error
                case .failure(let error): throw failure(loggableDescription(of: error))
                }
            }
        }
    }

    private func failure(_ reason: String) -> PartFailure {
        PartFailure(part: part.name, duringStart: !started.isOpen, reason: reason)
    }
}
