import Models
import TestModels

/// One thing that happens in a run.
package enum StepKind: String, Sendable, CaseIterable {
    /// A client asks for a case to be registered, or asks again.
    case register
    /// Somebody orders something about a case, lawfully or not.
    case order
    /// An operation that stands still goes on.
    case proceed
    /// A replica takes deliveries, sends fresh rows of its outbox, sweeps the outbox, or looks at held events.
    case consume, relay, sweep, held
    /// The clock sweep asks what is due; now and then what is not.
    case fire
    /// The courier posts notices.
    case courier
    /// Replicas come and go.
    case scale
    /// A new edition of the county is published; and clocks are counted anew by it.
    case county, recount
    /// A message that is no bundle arrives.
    case rubbish
    /// The broker loses all its messages.
    case emptyBroker
    /// A database or the broker is away, or is back.
    case outage, recovery
    /// A service cannot work on some case, by a defect or by its database; and it can again.
    case ailment, remedy
    /// Nothing happens for up to a month and a half.
    case silence

    /// How often each happens, of the sum of all.
    fileprivate var weight: Int {
        switch self {
        case .proceed: 300
        case .consume: 180
        case .order: 130
        case .relay: 110
        case .register: 70
        case .sweep, .courier: 50
        case .fire: 40
        case .held, .scale: 20
        case .rubbish, .recount, .silence, .recovery, .remedy: 10
        case .county, .outage, .ailment: 5
        case .emptyBroker: 2
        }
    }
}

/// A run as it was decided beforehand: by whom cases are brought, what happens when, and which faults may strike.
///
/// What a step does in detail follows from the seed, its number and what it finds. So steps and cases can be taken away and the rest stays
/// what it was.
package struct Scenario: Sendable {
    package struct Step: Sendable, Hashable {
        /// Its place in the scenario as it was drawn.
        package var number: Int
        package var kind: StepKind
        /// How much time passes after it.
        package var pause: Duration
    }

    package var seed: UInt64
    /// Which petitions are brought, by their numbers.
    package var cases: [Int]
    package var steps: [Step]
    /// The faults that may strike; nil for all that the seed brings.
    package var faults: Set<StruckFault>?

    /// Draws a scenario.
    package init(seed: UInt64, cases: Int, steps: Int) {
        self.seed = seed
        self.cases = Array(0..<cases)
        var random = SeededRandom(seed: seed ^ 0x5CE_4A210)
        let kinds = StepKind.allCases.flatMap { Array(repeating: $0, count: $0.weight) }
        self.steps = (1...max(1, steps)).map { number in
            let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
            let pause: Duration =
                kind == .silence
                ? .seconds(86_400 * Int.random(in: 1...45, using: &random)) : .milliseconds(Int.random(in: 0..<1500, using: &random))
            return Step(number: number, kind: kind, pause: pause)
        }
    }
}
