import Models
import ServiceKit

/// Somebody who tries to see what they must not: with a token, with one that is worth nothing, or with none.
struct Outsider: Sendable {
    var name: String
    var role: Role?
    /// Nil for whoever acts for no unit.
    var unit: String?
    var person: String?
    /// The header Authorization; nil sends none.
    var authorization: String?

    /// Whether a case is none of their business: of its units they are not, or their role sees no confidential case at all.
    func isOutside(_ marked: MarkedCase) -> Bool {
        guard let role, let unit, person != marked.accused else { return true }
        return [.administrator, .subscriber].contains(role) || !marked.circle.contains(unit)
    }
}

/// Every role for every unit of a list, signed with the house's own key, and those whose tokens are worth nothing.
struct LeakPeople: Sendable {
    let everybody: [Outsider]

    /// - Parameter accused: A staff number that is accused in a case, acting for units that nobody would suspect.
    init(_ house: RunningHouse, units: [String], accused: PersonCode) async throws {
        let signer = try house.signer()
        func person(_ role: Role, _ unit: String, _ person: PersonCode, before: Duration = .zero) async throws -> Outsider {
            let token = try await signer.token(person, role, UnitCode(validated: unit), identifier: "leak", before: before)
            return Outsider(
                name: "\(role.rawValue) \(person) of \(unit)", role: role, unit: unit, person: person.text,
                authorization: "Bearer \(token)")
        }
        var people: [Outsider] = []
        for unit in units {
            for role in StaffToken.roles { people.append(try await person(role, unit, Self.ordinary)) }
        }
        for (role, unit) in [(Role.officer, "justice"), (.leader, "county"), (.dispatcher, "dispatch-desk"), (.officer, "discipline")] {
            people.append(try await person(role, unit, accused))
        }
        var expired = try await person(.officer, "discipline", PersonCode(validated: "late-1"), before: .seconds(8000))
        (expired.role, expired.name) = (nil, "an expired token")
        people.append(expired)
        people += [
            Outsider(
                name: "the operator's token", role: .administrator, unit: nil,
                authorization: "Bearer \(try house.setting("operatorToken"))"),
            Outsider(name: "a token that is none", authorization: "Bearer nonsense"), Outsider(name: "nobody"),
        ]
        everybody = people
    }

    /// Those who try every step, a few for every role: a unit that is accused, one below it, one above all.
    var few: [Outsider] {
        everybody.filter { person in
            person.person != Self.ordinary.text || ["education", "zhongshan-road", "county"].contains(person.unit)
        }
    }

    /// Who is accused in no case.
    private static let ordinary = PersonCode(validated: "outsider-1")
}
