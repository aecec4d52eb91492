/// How often each duration was measured, by steps of less than one part in a hundred, whatever the number of measurements (HDR).
struct Histogram: Sendable {
    /// Up to this many microseconds each one has a place of its own; above, each doubling has half as many.
    private static let exact: UInt64 = 256
    private var counts: [Int] = []
    private(set) var count = 0
    private(set) var greatest = Duration.zero

    mutating func add(_ duration: Duration) {
        let place = Self.place(of: UInt64(clamping: Int64(duration / .microseconds(1))))
        if place >= counts.count { counts += repeatElement(0, count: place + 1 - counts.count) }
        counts[place] += 1
        count += 1
        greatest = max(greatest, duration)
    }

    mutating func add(_ other: Histogram) {
        if other.counts.count > counts.count { counts += repeatElement(0, count: other.counts.count - counts.count) }
        for (place, count) in other.counts.enumerated() { counts[place] += count }
        count += other.count
        greatest = max(greatest, other.greatest)
    }

    /// The milliseconds that a share of the measurements (0 to 1) stayed within; 0 for none.
    func milliseconds(_ share: Double) -> Double {
        let wanted = Int((share * Double(count)).rounded(.up))
        var seen = 0
        for (place, count) in counts.enumerated() {
            seen += count
            if count > 0, seen >= wanted { return Double(Self.top(of: place)) / 1000 }
        }
        return 0
    }

    /// Where a number of microseconds is counted.
    static func place(of microseconds: UInt64) -> Int {
        if microseconds < exact { return Int(microseconds) }
        let shift = exact.leadingZeroBitCount - microseconds.leadingZeroBitCount + 1
        return Int(exact) + (shift - 1) * Int(exact / 2) + Int(microseconds >> UInt64(shift)) - Int(exact / 2)
    }

    /// The greatest number of microseconds that is counted at a place.
    static func top(of place: Int) -> UInt64 {
        if place < Int(exact) { return UInt64(place) }
        let (shift, rest) = (UInt64((place - Int(exact)) / Int(exact / 2) + 1), UInt64((place - Int(exact)) % Int(exact / 2)))
        return (rest + exact / 2 + 1) << shift - 1
    }
}
