/// What counts as a mail address here: the plain forms that people have, which no mail system takes for anything else.
public enum MailAddress {
    /// The most bytes of one (RFC 5321).
    public static let longest = 254

    /// Whether `text` is letters, digits and `._%+-`, an `@`, and a domain of at least two parts.
    public static func isWellFormed(_ text: String) -> Bool {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        guard halves.count == 2, text.utf8.count <= longest else { return false }
        let parts = halves[1].split(separator: ".", omittingEmptySubsequences: false)
        return holds(halves[0], also: "._%+-") && parts.count >= 2 && parts.allSatisfy { holds($0, also: "-") }
    }

    private static func holds(_ text: Substring, also others: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || others.utf8.contains(byte)
            }
    }
}
