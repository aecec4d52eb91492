/// A small random number generator (SplitMix64): the same seed gives the same faults in the same order.
struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A time between two, to the millisecond.
    mutating func duration(_ range: ClosedRange<Int>) -> Duration { .milliseconds(Int.random(in: range, using: &self)) }

    mutating func coin() -> Bool { Bool.random(using: &self) }

    mutating func pick<Choices: RandomAccessCollection>(_ choices: Choices) -> Choices.Element? { choices.randomElement(using: &self) }
}
