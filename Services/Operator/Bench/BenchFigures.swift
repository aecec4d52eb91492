import Models

/// What a measurement found: named figures in the order in which they are shown.
struct BenchFigures: Sendable {
    private(set) var figures: [(name: String, value: JSONValue)]

    init(_ figures: [(name: String, value: JSONValue)] = []) { self.figures = figures }

    mutating func add(_ name: String, _ value: Int) { figures.append((name, .integer(Int64(value)))) }

    /// Adds a figure with three places behind the point.
    mutating func add(_ name: String, _ value: Double) { figures.append((name, .double((value * 1000).rounded() / 1000))) }

    /// The value below which a share of sorted ones lies; 0 for none.
    static func share(_ share: Double, of sorted: [Double]) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }

    subscript(_ name: String) -> JSONValue? { figures.first { $0.name == name }?.value }

    /// One line for programs, in the order of the figures.
    var json: String {
        "{" + figures.map { "\"\($0.name)\":\(String(decoding: $0.value.canonical, as: UTF8.self))" }.joined(separator: ",") + "}"
    }

    var text: String {
        Console.table(figures.map { [$0.name, String(decoding: $0.value.canonical, as: UTF8.self)] }).joined(separator: "\n")
    }
}
