/// A case number for people: the county's day, a serial number and a check character: `20261124-000123-X`.
///
/// The check character is that of Chinese identity numbers (ISO 7064, MOD 11-2): it catches any one wrong digit and any
/// two swapped ones, so a number told over the telephone is right or refused.
public enum CaseNumber {
    /// Writes the number of the `serial`-th case, registered on `date`.
    public static func make(date: LocalDate, serial: Int64) -> String {
        let day = date.description.filter { $0 != "-" }
        let digits = String(serial)
        let padded = String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
        return "\(day)-\(padded)-\(check(day + padded))"
    }

    /// Whether `text` has the form of a case number and its check character is right.
    public static func isWellFormed(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 8, (6...18).contains(parts[1].utf8.count),
            (parts[0] + parts[1]).utf8.allSatisfy({ $0 >= 48 && $0 <= 57 })
        else { return false }
        return check(String(parts[0] + parts[1])) == parts[2]
    }

    private static func check(_ digits: String) -> String {
        var sum = 0
        for digit in digits.utf8 { sum = (sum + Int(digit) - 48) * 2 % 11 }
        let value = (12 - sum) % 11
        return value == 10 ? "X" : String(value)
    }
}
