import CaseFlow
import Models
import TestSupport

/// What all parts of one simulation share: time, chance, and whether faults strike.
///
/// @unchecked Sendable: a simulation runs in one task; every access happens before the next one, across each `await`.
final class SimulatedWorld: @unchecked Sendable {
    private(set) var now = Instant(microseconds: 1_790_000_000_000_000)
    private var random: SeededRandom
    /// The probability of a fault at each place where one may strike.
    var faultRate: Double
    /// Set when a fault killed the replica that was at work.
    var crashed = false
    /// A digest of all that happened, to compare two runs of a seed.
    private(set) var trace: UInt64 = 14_695_981_039_346_656_037

    init(seed: UInt64, faultRate: Double) {
        random = SeededRandom(seed: seed)
        self.faultRate = faultRate
    }

    func advance(_ duration: Duration) { now = now + duration }

    func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }

    func shuffle<T>(_ values: [T]) -> [T] { values.shuffled(using: &random) }

    func identifier() -> UniqueID { .version7(at: now, random: (random.next(), random.next())) }

    /// Whether the replica at work dies here.
    func crashes() -> Bool {
        guard faultRate > 0, chance(faultRate) else { return false }
        crashed = true
        return true
    }

    func note(_ text: String) {
        for byte in text.utf8 { trace = (trace ^ UInt64(byte)) &* 1_099_511_628_211 }
    }
}

/// Identifiers from the world's chance.
struct SimulatedIdentifiers: EventIdentifiers {
    let world: SimulatedWorld

    mutating func next(at instant: Instant) -> EventID { EventID(world.identifier()) }
}
