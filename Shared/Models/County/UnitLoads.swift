/// How much open work units have, as it was counted a moment ago.
public struct UnitLoads: Sendable, Hashable {
    private let counts: [UnitCode: Int]

    public init(open counts: [UnitCode: Int]) { self.counts = counts }

    /// How many open cases the unit leads; 0 for one that was not counted.
    public func open(of unit: UnitCode) -> Int { counts[unit] ?? 0 }
}
