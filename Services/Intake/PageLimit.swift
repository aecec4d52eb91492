import ServiceKit

/// How many cases a page of the list holds.
enum PageLimit {
    static let standard = 50

    /// Reads the parameter `limit`; throws a problem for anything but a whole number from 1 to 500.
    static func read(_ text: some StringProtocol) throws(Problem) -> Int {
        guard let limit = Int(text), (1...500).contains(limit) else {
            throw Problem(.invalidContent, detail: "limit is a whole number from 1 to 500.")
        }
        return limit
    }
}
