import Models
import Synchronization

/// The open work of units as it was counted last, as the process of routing asks it.
///
/// Whom a rule chose by it is written on the assignment with the numbers that were compared: nobody asks again what stands in the ledger.
public final class LoadShelf: Sendable {
    private let content = Mutex<UnitLoads?>(nil)

    public init() {}

    /// What was counted last; nil before the first count.
    public var loads: UnitLoads? { content.withLock { $0 } }

    /// Puts a new count in place of the one before.
    public func put(_ loads: UnitLoads?) { content.withLock { $0 = loads } }
}
