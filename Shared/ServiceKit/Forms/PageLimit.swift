/// How many cases a page of a list holds.
public enum PageLimit {
    public static let standard = 50

    /// Reads the parameter `limit`, 50 when it is missing; throws a problem for anything but a whole number from 1 to 500.
    public static func read(_ text: (some StringProtocol)?) throws(Problem) -> Int {
        guard let text else { return standard }
        guard let limit = Int(text), (1...500).contains(limit) else {
            throw Problem(.invalidContent, detail: "limit is a whole number from 1 to 500.")
        }
        return limit
    }
}
