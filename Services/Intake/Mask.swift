/// A petitioner as staff see one who do not handle the case: enough to tell two apart, never a whole name or number.
enum Mask {
    /// The first character of a name; nothing of a name that has only one.
    static func name(_ name: String) -> String { name.count > 1 ? name.prefix(1) + "**" : "*" }

    /// The last four digits of a phone number, or the last half of one with fewer than eight.
    static func phone(_ phone: String) -> String {
        let digits = phone.filter(\.isNumber)
        return "*" + digits.suffix(min(4, digits.count / 2))
    }
}
