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

// As the members are declared; what is missing where nothing may be is refused.

extension ActingPerson: JSONRecord {
    public init(members: inout JSONMembers) throws {
        role = try members.read("role")
        unit = try members.readIfPresent("unit")
        person = try members.readIfPresent("person")
    }

    public func write(members: inout JSONText) {
        members.write("role", role)
        members.writeIfPresent("unit", unit)
        members.writeIfPresent("person", person)
    }
}
