/// Counts misses of a minute, and guesses that are being looked at, in a fixed number of places.
///
/// A table of fixed size cannot be filled with numbers and addresses, existing or not. What falls into one place shares a count; what does,
/// differs from process to process and cannot be known outside.
struct GuessTable {
    enum Verdict: Equatable {
        /// A guess may be looked at.
        case free
        /// As many guesses are under way as may still miss; one of them must be settled first.
        case busy
        /// There were too many misses.
        case resting(seconds: UInt32)
    }

    private struct Place {
        var misses: UInt16 = 0
        /// Guesses that are being looked at.
        var asked: UInt16 = 0
        /// When the minute began, in seconds since the table was made.
        var since: UInt32 = 0
    }

    private var places: [Place]
    private let most: UInt16
    private let isStrict: Bool
    private static let minute: UInt32 = 60

    /// Allows `most` misses a minute in each place.
    ///
    /// A strict table begins the minute anew with each miss, so that who goes on guessing slowly comes to an end, too.
    init(places: Int, most: UInt16, isStrict: Bool) {
        self.places = Array(repeating: Place(), count: places)
        self.most = most
        self.isStrict = isStrict
    }

    func place(of key: some Hashable) -> Int {
        var hasher = Hasher()
        hasher.combine(key)
        return Int(hasher.finalize().magnitude % UInt(places.count))
    }

    mutating func verdict(at place: Int, second: UInt32) -> Verdict {
        if second >= places[place].since + Self.minute { places[place].misses = 0 }
        if places[place].misses >= most { return .resting(seconds: max(1, places[place].since + Self.minute - second)) }
        return places[place].misses + places[place].asked < most ? .free : .busy
    }

    mutating func begin(at place: Int) { places[place].asked += 1 }

    mutating func end(at place: Int, missed: Bool, second: UInt32) {
        if places[place].asked > 0 { places[place].asked -= 1 }
        guard missed else { return }
        if isStrict || places[place].misses == 0 { places[place].since = second }
        places[place].misses += 1
    }
}
