/// Who took a step: as what, for which unit, and by which staff number; a petitioner has neither unit nor number.
public struct ActingPerson: Codable, Sendable, Hashable {
    public var role: Role
    public var unit: UnitCode?
    public var person: PersonCode?

    public init(role: Role, unit: UnitCode? = nil, person: PersonCode? = nil) {
        self.role = role
        self.unit = unit
        self.person = person
    }

    /// Somebody with the number and the query code of the receipt.
    public static let petitioner = ActingPerson(role: .petitioner)
}
