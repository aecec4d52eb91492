/// Gives a case to one of several units that could each take it, so that work spreads (分流).
///
/// Of two units that a hash of the case picks, the one with less open work gets it. Whoever always took the least loaded of all would send
/// it every case until work is counted anew; two picked at random spread nearly as well, and no unit is run over.
struct LeastLoaded {
    /// Whom the case goes to, and what was compared.
    struct Choice: Equatable {
        var unit: UnitCode
        /// The open work of the unit, and of the other that was picked; nil when nothing was compared.
        var compared: (here: Int, there: Int)?

        static func == (left: Choice, right: Choice) -> Bool {
            left.unit == right.unit && left.compared?.here == right.compared?.here && left.compared?.there == right.compared?.there
        }
    }

    /// The units as the rule names them.
    let units: [UnitCode]
    /// Units that must not learn of the case.
    let denied: Set<UnitCode>
    /// The county in force, by which some of them may have ended.
    let current: CountyIndex

    /// Those that can take the case; those that have ended stand for their successors only when there is nobody else.
    private var candidates: [UnitCode] {
        let able = units.filter { current.unit($0) != nil && current.unit($0)?.successor == nil && !denied.contains($0) }
        if !able.isEmpty { return able }
        var heirs: [UnitCode] = []
        for heir in units.map(current.living) where !denied.contains(heir) && !heirs.contains(heir) { heirs.append(heir) }
        return heirs
    }

    /// Chooses for a case; nil when every unit must stay out.
    ///
    /// - Parameter loads: What was counted last; nil before the first count, when the hash alone decides.
    func choice(for subject: Subject?, loads: UnitLoads?) -> Choice? {
        let candidates = candidates
        guard let only = candidates.first else { return nil }
        guard candidates.count > 1, let subject else { return Choice(unit: only) }
        let first = Self.place(Self.mixed(subject.raw.high ^ Self.mixed(subject.raw.low)), among: candidates.count)
        let step = Self.place(Self.mixed(subject.raw.low ^ Self.mixed(~subject.raw.high)), among: candidates.count - 1)
        let (one, other) = (candidates[first], candidates[(first + 1 + step) % candidates.count])
        guard let loads else { return Choice(unit: one) }
        let (here, there) = (loads.open(of: one), loads.open(of: other))
        return here <= there ? Choice(unit: one, compared: (here, there)) : Choice(unit: other, compared: (there, here))
    }

    /// Spreads the bits of a number (the finalizer of SplitMix64): neighbours come out as if they had nothing to do with each other.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var number = number &+ 0x9E37_79B9_7F4A_7C15
        number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
        number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
        return number ^ (number >> 31)
    }

    private static func place(_ hash: UInt64, among count: Int) -> Int { Int(hash.multipliedFullWidth(by: UInt64(count)).high) }
}
