import Models
import ServiceKit

/// Reads the body of `POST /v1/sessions` and of a session's steps, and seals what it says of people.
struct SessionForm {
    /// The most characters of a reason, a summary or a note.
    static let longestText = 10_000
    /// The most characters of a place, a title or an office.
    static let longestLine = 200
    /// More units than come along anywhere.
    static let mostUnits = 100
    /// More people than a county has.
    static let mostPeople = 10_000_000

    let by: ActingPerson
    let seal: SealKey

    /// The identifier that the client gave the session, if any, and its plan; throws a problem that names every fault by its place.
    func plan(_ body: [UInt8]) throws(Problem) -> (id: Subject?, facts: SessionPlanned) {
        var form = try FormReader(body: body)
        let id = form.identifier("id")
        if let id, !Self.isClientMade(id) { form.fault("/id", "id is a UUID of version 4 or 7; make one for this session") }
        let kind: SessionKind? = form.choice("kind", default: nil)
        let level: DutyLevel? = form.choice("level", default: nil)
        let (leader, unit): (PersonCode?, UnitCode?) = (form.requiredCode("leader"), form.requiredCode("unit"))
        let office = form.text("office", longest: Self.longestLine, isRequired: false)
        let place = form.text("place", longest: Self.longestLine, isRequired: true)
        let region: RegionCode? = form.code("region")
        let (starts, ends) = (form.moment("starts", isRequired: true), form.moment("ends", isRequired: true))
        let units: [UnitCode] = form.codes("units", most: Self.mostUnits)
        try form.finish().check()
        guard let kind, let level, let leader, let unit, let place, let starts, let ends else { throw Self.unread }
        return (
            id.map { Subject($0) },
            SessionPlanned(
                by: by, kind: kind, leader: leader, unit: unit, level: level, office: office, place: place, region: region,
                starts: starts, ends: ends, units: units)
        )
    }

    /// The order of a step, and the name under which it is recorded once; throws a problem that names every fault by its place.
    func order(_ step: SessionStep, _ body: [UInt8]) throws(Problem) -> (order: SessionOrder, entry: EntryID?) {
        var form = try FormReader(body: body)
        let entry = form.identifier("id").map { EntryID($0) }
        let order = try read(step, &form)
        try form.finish().check()
        guard let order else { throw Self.unread }
        return (order, entry)
    }

    /// The order; nil when a fault was noted.
    private func read(_ step: SessionStep, _ form: inout FormReader) throws(Problem) -> SessionOrder? {
        switch step {
        case .publish: return .publish
        case .change: return .change(change(&form))
        case .cancel: return .cancel(reason: text("reason", &form))
        case .open: return .open(at: form.moment("at", isRequired: false))
        case .attend:
            let (unit, person): (UnitCode?, PersonCode?) = (form.code("unit"), form.code("person"))
            // Most who are recorded were there; who was missed is said so.
            return .attend(unit: unit, person: person, present: !form.flag("absent"))
        case .queue: return .queue(contact: try contact(&form))
        case .call:
            let number = form.integer("number", in: 1...SessionRecord.mostEntries, isRequired: false)
            return .call(number: number, reason: form.text("reason", longest: Self.longestText, isRequired: false, hasLines: true))
        case .serve:
            let number = form.integer("number", in: 1...SessionRecord.mostEntries, isRequired: true)
            let (id, left) = (form.identifier("case").map { CaseID($0) }, form.flag("left"))
            return number.map { .serve(number: $0, case: id, left: left) }
        case .explain:
            let title = form.text("title", longest: Self.longestLine, isRequired: true) ?? ""
            return people("reached", &form).map { .explain(title: title, reached: $0) }
        case .visit: return try visit(&form)
        case .hear:
            let id = form.identifier("case", isRequired: true)
            return id.map { .hear(CaseID($0)) }
        case .close:
            let summary = text("summary", &form)
            return people("reached", &form).map { .close(summary: summary, reached: $0) }
        }
    }

    private func change(_ form: inout FormReader) -> SessionChanged {
        let (starts, ends) = (form.moment("starts", isRequired: false), form.moment("ends", isRequired: false))
        let place = form.text("place", longest: Self.longestLine, isRequired: false)
        if let place, FormReader.isBlank(place) { form.fault("/place", "place is empty; give it some text or leave it out") }
        let (leader, unit): (PersonCode?, UnitCode?) = (form.code("leader"), form.code("unit"))
        let level = form.optionalChoice("level") as DutyLevel?
        let office = form.text("office", longest: Self.longestLine, isRequired: false)
        return SessionChanged(
            by: by, starts: starts, ends: ends, place: place, leader: leader, unit: unit, level: level, office: office,
            reason: text("reason", &form))
    }

    private func contact(_ form: inout FormReader) throws(Problem) -> SealedText? {
        let name = form.text("name", longest: 100, isRequired: false)
        let phone = form.text("phone", longest: 40, isRequired: false)
        if name == nil, phone == nil { return nil }
        return try sealed(VisitorContact(name: name, phone: phone))
    }

    private func visit(_ form: inout FormReader) throws(Problem) -> SessionOrder? {
        let region: RegionCode? = form.requiredCode("region")
        let tags = form.words("tags", HouseholdTag.self)
        let contactPoint = form.text("contactPoint", longest: Self.longestLine, isRequired: false)
        let note = form.text("note", longest: Self.longestText, isRequired: false, hasLines: true)
        let sealedNote = try note.map { note throws(Problem) in try sealed(note) }
        return region.map { .visit(HouseholdVisited(by: by, region: $0, tags: tags, contactPoint: contactPoint, note: sealedNote)) }
    }

    private func sealed(_ value: some Encodable) throws(Problem) -> SealedText {
        do { return try seal.seal(value) } catch {
            throw Problem(.internalError, detail: "What was written could not be sealed, so nothing was recorded; send it again.")
        }
    }

    private func text(_ name: String, _ form: inout FormReader) -> String {
        form.text(name, longest: Self.longestText, isRequired: true, hasLines: true) ?? ""
    }

    private func people(_ name: String, _ form: inout FormReader) -> Int? { form.integer(name, in: 0...Self.mostPeople, isRequired: true) }

    private static func isClientMade(_ id: UniqueID) -> Bool { [4, 7].contains(id.high >> 12 & 15) && id.low >> 62 == 2 }

    /// A form whose faults were all told is read whole.
    private static let unread = Problem(.internalError, detail: "The body could not be read; report it.")
}
