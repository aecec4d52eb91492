import CaseFlow
import Models

/// What one staff member may see, by the county definitions of the cases.
struct StaffView {
    var person: ActingPerson
    var counties: CountyBook

    func access(to state: RoutingState) -> CaseAccess {
        guard let county = counties[state.county]?.index else { return .none }
        return state.life.access(of: person, in: county, current: counties.current?.index)
    }
}

extension ActingPerson {
    /// Whether the desk of `unit` is theirs to look at: units' people see their own and those below, those of the county every one.
    func mayLook(at unit: UnitCode, in tree: CodeTree<UnitCode>?) -> Bool {
        switch role {
        case .officer, .unitHead: self.unit == unit || self.unit.flatMap { tree?.isWithin(unit, $0) } ?? false
        case .clerk, .dispatcher, .supervisor, .leader, .auditor, .administrator: true
        case .petitioner, .subscriber: false
        }
    }
}
