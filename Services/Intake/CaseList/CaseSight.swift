import Models

/// Which cases somebody may see at most, as far as columns can tell; `CaseLife.access` has the last word on each.
///
/// It lets through at least every case that `CaseLife.access` does: what it keeps out, that would keep out too.
struct CaseSight: Equatable {
    /// The units of which one must work on the case; nil for the whole county.
    var units: [UnitCode]?
    /// Of a confidential case's circle, the names one of which lets the person in.
    var circle: [String]

    /// Nil for those who may see no case at all.
    init?(of person: ActingPerson, in county: CountyIndex?) {
        circle = [person.unit?.text].compactMap { $0 }
        switch person.role {
        case .petitioner, .subscriber: return nil
        case .officer, .unitHead:
            guard let unit = person.unit else { return nil }
            // A unit that the county in force no longer has may still hold cases.
            let below = county?.unitTree.subtree(of: unit) ?? []
            units = below.isEmpty ? [unit] : below
        case .dispatcher: circle += person.unit.map { Self.desks(of: $0, in: county) } ?? []
        case .leader: circle += person.person.map { [Self.leader($0)] } ?? []
        case .clerk, .supervisor, .auditor: break
        case .administrator: circle = []
        }
    }

    /// The dispatch desk of a case, which knows of it before and after it has it; no code holds a point.
    static func desk(_ unit: UnitCode) -> String { "desk.\(unit)" }

    /// The dispatch desks that a unit has the duties of now.
    private static func desks(of unit: UnitCode, in county: CountyIndex?) -> [String] {
        let ended = county?.definition.units.filter { $0.successor != nil }.map(\.code) ?? []
        return ([unit] + ended.filter { $0 != unit && county?.living($0) == unit }).map(desk)
    }

    /// The leader in personal charge.
    static func leader(_ person: PersonCode) -> String { "leader.\(person)" }
}
