import Models

/// How much work a unit has and had, without confidential cases.
public struct UnitLoad: Sendable, Hashable {
    /// The open cases that it leads.
    public var open = 0
    /// The parts that it has in cases of others: co-handling, review, assistance.
    public var helping = 0
    /// Hand-offs of the last 90 days: cases that came from other units, and cases that went to others.
    public var received = 0
    public var given = 0
    /// How many cases it has accepted in the last 90 days.
    public var accepted = 0
    /// The median time from the assignment to the acceptance of these, in seconds; nil for none.
    public var medianSeconds: Int64?

    public init() {}

    /// The load on the wire.
    func shown(_ unit: UnitCode) -> JSONValue {
        .object([
            "unit": .string(unit.text), "open": .integer(Int64(open)), "helping": .integer(Int64(helping)),
            "received": .integer(Int64(received)), "given": .integer(Int64(given)), "accepted": .integer(Int64(accepted)),
            "medianSeconds": medianSeconds.map { .integer($0) } ?? .null,
        ])
    }
}
