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
