import CaseFlow
import Models
import NIOConcurrencyHelpers
import TestModels

/// What all parts of one simulation share: time, chance, faults, and the operations that stand still between two of their awaits.
///
/// The engine's code runs in tasks as it does in a service, but never two at once: whoever asks a store or the broker for something first
/// stands still here until a step of the run lets it go on. So every await of the engine is a place where others may come first, and
/// where a process may die.
///
/// @unchecked Sendable: the run and the operations take turns. Each hands over by resuming the other's continuation as its last act
/// before it waits, so every access happens before the next one.
final class SimulatedWorld: @unchecked Sendable {
    /// An operation that stands still before it asks for something.
    struct Parked {
        let replica: ReplicaLife
        let place: String
        let continuation: CheckedContinuation<Void, Never>
    }

    let seed: UInt64
    /// How likely a process dies at each place where it may.
    let crashRate: Double
    private(set) var now = Instant(microseconds: 1_790_000_000_000_000)
    /// Whether faults strike and operations stand still; over when the house comes to rest.
    var isTroubled = true
    private(set) var parked: [Parked] = []
    private var driver: CheckedContinuation<Void, Never>?
    /// Shows ThreadSanitizer who came before whom: whoever hands over passes it before, and whoever goes on passes it after.
    ///
    /// It does not see that a continuation which is resumed before it is waited for orders what was done.
    private let turn = NIOLock()

    private var random: SeededRandom
    private var step = 0
    private var ordinal = 0
    /// The faults that may strike; nil for all.
    private let allowed: Set<StruckFault>?
    private(set) var struck: [StruckFault] = []

    /// Replicas that died in this step.
    var dead: [ReplicaLife] = []
    /// The services whose database is away, and whether the broker is.
    var databasesAway: Set<Source> = []
    var brokerIsAway = false
    /// The case that a service cannot work on until it is mended, and how.
    var ailments: [Source: Ailment] = [:]

    /// What was told of the run, for a trace; nil when nobody listens.
    private(set) var story: [String]?
    /// A digest of all that happened, to compare two runs of a seed.
    private(set) var digest: UInt64 = 14_695_981_039_346_656_037
    /// Subjects that a commit changed since the last look.
    var touched: Set<Subject> = []

    init(seed: UInt64, crashRate: Double, allowed: Set<StruckFault>?, tells: Bool) {
        self.seed = seed
        self.crashRate = crashRate
        self.allowed = allowed
        story = tells ? [] : nil
        random = SeededRandom(seed: seed)
    }

    func advance(_ duration: Duration) { now = now + duration }

    /// Lets all chance of what follows come from this step.
    func begin(_ number: Int) {
        step = number
        ordinal = 0
        random = SeededRandom(seed: Self.mix(seed, UInt64(bitPattern: Int64(number))))
    }

    func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    func pick<T>(from values: [T]) -> T? { values.isEmpty ? nil : values[pick(values.count)] }

    func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }

    func shuffle<T>(_ values: [T]) -> [T] { values.shuffled(using: &random) }

    func identifier() -> UniqueID { .version7(at: now, random: (random.next(), random.next())) }

    /// Whether a fault of `kind` strikes here; its own chance is given with it.
    func strikes(_ kind: FaultKind, _ probability: Double) -> SeededRandom? {
        guard isTroubled else { return nil }
        ordinal += 1
        let fault = StruckFault(place: FaultPlace(step: step, ordinal: ordinal), kind: kind)
        var chance = SeededRandom(seed: Self.mix(Self.mix(seed ^ 0xFA17, UInt64(bitPattern: Int64(step))), UInt64(ordinal)))
        let isDue = Double.random(in: 0..<1, using: &chance) < probability
        guard allowed?.contains(fault) ?? isDue else { return nil }
        struck.append(fault)
        return chance
    }

    /// Whether the process of `replica` dies here.
    func kills(_ replica: ReplicaLife, _ kind: FaultKind, at place: @autoclosure () -> String) -> Bool {
        if replica.isDead { return true }
        guard strikes(kind, crashRate) != nil else { return false }
        tell("    \(replica) dies: \(kind.rawValue) \(place())")
        kill(replica)
        return true
    }

    func kill(_ replica: ReplicaLife) {
        if replica.isDead { return }
        replica.isDead = true
        dead.append(replica)
    }

    /// Tells of what happened, to whoever compares or reads.
    func tell(_ line: @autoclosure () -> String) {
        if story == nil { return }
        story?.append(line())
    }

    func note(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { digest = (digest ^ UInt64(byte)) &* 1_099_511_628_211 }
    }

    private static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
        var random = SeededRandom(seed: one ^ other &* 0x9E37_79B9_7F4A_7C15)
        return random.next()
    }
}

extension SimulatedWorld {
    /// Begins an operation; returns when it stands still for the first time, or is done.
    func start(_ operation: @escaping @Sendable () async -> Void) async {
        await withCheckedContinuation { continuation in
            driver = continuation
            Task {
                await operation()
                handOver()
            }
        }
        turn.withLock {}
    }

    /// Lets the operation that stands still at `index` go on; returns when it stands still again, or is done.
    func proceed(_ index: Int) async {
        let operation = parked.remove(at: index)
        await withCheckedContinuation { continuation in
            driver = continuation
            turn.withLock {}
            operation.continuation.resume()
        }
        turn.withLock {}
    }

    /// Stands still until the run lets it go on.
    func park(_ replica: ReplicaLife, _ place: String) async {
        guard isTroubled else { return }
        await withCheckedContinuation { continuation in
            parked.append(Parked(replica: replica, place: place, continuation: continuation))
            handOver()
        }
        turn.withLock {}
    }

    private func handOver() {
        let waiting = driver
        driver = nil
        turn.withLock {}
        waiting?.resume()
    }
}

/// Whether a replica of a service still lives.
///
/// @unchecked Sendable: see `SimulatedWorld`.
final class ReplicaLife: CustomStringConvertible, @unchecked Sendable {
    let source: Source
    let number: Int
    var isDead = false
    /// What it is doing, by name: it does nothing twice at the same time.
    var busy: Set<String> = []

    init(_ source: Source, _ number: Int) {
        self.source = source
        self.number = number
    }

    var description: String { "\(source) \(number)" }
}

/// Why a service cannot work on a case for a while.
enum Ailment: Hashable {
    /// Its process refuses every event of the case, as a defect would.
    case refuses(Subject)
    /// Its database refuses every state of the case.
    case cannotStore(Subject)
}

/// Identifiers from the world's chance.
struct SimulatedIdentifiers: EventIdentifiers {
    let world: SimulatedWorld

    mutating func next(at instant: Instant) -> EventID { EventID(world.identifier()) }
}
