import CaseFlow
import Models

/// A case that was heard at a session.
struct HeardCase: Sendable {
    var id: Subject
    var file: CaseFile

    /// Whether the session's list has it for somebody: if they may see it, and never if it is confidential, since others know who was there.
    func isListed(for person: ActingPerson, in counties: CountyBook) -> Bool {
        !file.life.isConfidential && isVisible(to: person, in: counties)
    }

    /// Whether somebody may record that it was heard; for others it is as if there were no such case.
    ///
    /// Administrators bring in what was recorded offline, confidential matters among it, unless it is they who must not learn of them.
    func isKnown(to person: ActingPerson, in counties: CountyBook) -> Bool {
        if isVisible(to: person, in: counties) { return true }
        guard person.role == .administrator, let county = counties[file.county]?.index else { return false }
        return !file.life.isDenied(person, in: county, current: counties.current?.index)
    }

    private func isVisible(to person: ActingPerson, in counties: CountyBook) -> Bool {
        guard let county = counties[file.county]?.index else { return false }
        return file.life.access(of: person, in: county, current: counties.current?.index) > .none
    }
}

extension SessionPhase {
    /// Why no case is registered under a session of this phase; nil where one may be.
    var registrationFault: String? {
        if SessionStep.hear.phases.contains(self) { return nil }
        if self == .cancelled { return "the session was cancelled; leave it out or name another" }
        return "the session is \(name.en) and has not begun; open it first"
    }
}
