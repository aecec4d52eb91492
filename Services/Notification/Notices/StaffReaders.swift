import CaseFlow
import Models

extension CountyIndex {
    /// Somebody who acts for a unit, by staff number, as the first unit names them that gives an address; nil for a stranger.
    func member(_ person: PersonCode) -> UnitMember? {
        let found = definition.units.lazy.flatMap { $0.members ?? [] }.filter { $0.person == person }
        return found.first(where: \.isReachable) ?? found.first
    }

    /// The leaders of the county itself whom a notice can reach, each with the unit that they act for.
    var leaders: [(unit: UnitCode, member: UnitMember)] {
        definition.units.filter { $0.kind == .county }.flatMap { unit in
            (unit.members ?? []).filter { $0.role == .leader && $0.isReachable }.map { (unit.code, $0) }
        }
    }
}

extension UnitMember {
    /// Whether the county's file gives an address of their own.
    var isReachable: Bool { email != nil || phone != nil }
}

extension NoticeRecipient {
    /// The language in which somebody reads notices: the one that the county gives a unit or a person, else Chinese.
    func language(in county: CountyIndex) -> Language {
        switch self {
        case .unit(let code): county.unit(code)?.language ?? .zh
        case .person(let code): county.member(code)?.language ?? .zh
        case .petitioner, .representative, .member: .zh
        }
    }
}

/// Who of the staff hears of a step besides the units: those whom the county's file gives an address of their own.
///
/// Nobody hears of a case that they may not know of: the accused, those who have withdrawn, and of a confidential case whoever stands
/// outside its circle. A function of the event, the state and the county version of the case, so that it can be checked afterwards.
struct StaffReaders {
    /// Notices of their own, at once.
    private(set) var told: [NoticeRecipient] = []
    /// Leaders, who hear of it in their digest.
    private(set) var digested: [NoticeRecipient] = []

    init(_ template: TemplateID, to units: [NoticeRecipient], _ state: NotificationState, _ county: CountyIndex) {
        var seen: Set<PersonCode> = []
        func mayKnow(_ unit: UnitCode, _ member: UnitMember) -> Bool {
            let person = ActingPerson(role: member.role, unit: unit, person: member.person)
            return state.life.access(of: person, in: county, current: nil) > .none && seen.insert(member.person).inserted
        }
        for case .unit(let unit) in units {
            for member in county.unit(unit)?.members ?? [] where member.isReachable {
                guard Self.working.contains(member.role), mayKnow(unit, member) else { continue }
                told.append(.person(member.person))
            }
        }
        let isEmergency = state.urgency == .emergency
        guard isEmergency ? Self.urgent.contains(template) : Self.summed.contains(template) else { return }
        for (unit, member) in county.leaders where mayKnow(unit, member) {
            // A county without words for a digest sends each by itself.
            if isEmergency || county.template(.digest, .zh) == nil {
                told.append(.person(member.person))
            } else {
                digested.append(.person(member.person))
            }
        }
    }

    /// Who hears what their unit hears: leaders have their digest, and others are told nothing.
    private static let working: Set<Role> = [.officer, .unitHead, .dispatcher, .supervisor]
    /// What leaders hear of at once when lives may depend on it (Article 25).
    private static let urgent: Set<TemplateID> = [.assigned, .warned, .passed, .supervised]
    /// What stands in their digest else.
    private static let summed: Set<TemplateID> = [.passed, .supervised]
}
