/// How many processes of each service are wanted; reads `routing=2,intake=3`.
struct Replicas: Sendable, Equatable {
    /// More than this on one machine is a typing mistake.
    static let most = 64

    private(set) var counts: [String: Int]

    init(_ counts: [String: Int] = [:]) {
        self.counts = counts
    }

    /// Reads pairs, each `service=count` and several with commas between them; throws a sentence for anything else.
    init(parsing texts: [String]) throws(UpFailure) {
        counts = [:]
        for pair in texts.flatMap({ $0.split(separator: ",") }) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, HouseSettings.services.contains(String(parts[0])) else {
                throw UpFailure(
                    "`\(pair)` names no service: write SERVICE=COUNT with one of \(HouseSettings.services.joined(separator: ", ")).")
            }
            guard let count = Int(parts[1]), (1...Self.most).contains(count) else {
                throw UpFailure("`\(pair)`: the count must be a whole number from 1 to \(Self.most).")
            }
            counts[String(parts[0])] = count
        }
    }

    /// One unless more were asked for.
    subscript(service: String) -> Int { counts[service] ?? 1 }

    /// With what `other` names put over it.
    func merging(_ other: Replicas) -> Replicas {
        Replicas(counts.merging(other.counts) { $1 })
    }

    /// The names of all processes that are wanted, such as `intake`, `routing` and `routing-2`.
    var processNames: [String] {
        HouseSettings.services.flatMap { service in (1...self[service]).map { Self.name(service, $0) } }
    }

    static func name(_ service: String, _ number: Int) -> String { number == 1 ? service : "\(service)-\(number)" }
}
