import FoundationEssentials
import Models
import ServiceKit

/// The body of `POST /v1/cases`, judged field by field: every fault is named with its place, not only the first.
struct RegistrationForm {
    struct Person {
        var name: String?
        var phone: String?
        var email: String?
        /// Where letters are carried to.
        var address: String?
        /// Speaks for all of a joint petition.
        var represents = false
    }

    var kind = CaseKind.claim
    var channel = Channel.web
    var urgency = Urgency.ordinary
    var title = ""
    var narrative = ""
    var topic: TopicCode?
    var region: RegionCode?
    var occurred: Instant?
    var anonymous = false
    var petitioners: [Person] = []
    var accused: CaseRegistered.Accused?
    /// The number of a terminated case on whose matter new facts are put forward (Article 36).
    var follows: String?
    /// The session at which it was heard; staff only.
    var session: Subject?
    /// What the staff know of its petitioners; staff only, nil when nothing is said.
    var tags: [HouseholdTag]?
    /// The unit that settled it on the spot, and the answer given there; staff only.
    var settlement: (unit: UnitCode, answer: AnswerText)?
    /// How many have joined it with a like where it stood to be read; staff only.
    var likes: Int?

    /// The most characters of a title.
    static let longestTitle = 200
    /// The most characters of a narrative.
    static let longestNarrative = 50_000
    /// The most petitioners of one case.
    static let mostPetitioners = 1000

    /// The most bytes of one case.
    static let largestBody = 1 << 20

    /// Whether it is confidential by what it is, whatever the rules say.
    var accuses: Bool { kind == .accusation || accused != nil }

    /// What the case's words are told apart by from the same words in another case.
    ///
    /// Who tells as an accusation what was told as something else must not be sent to the case that the accused know of.
    var matter: String {
        if !accuses { return "matter" }
        let names = (accused?.units.map(\.text) ?? []) + (accused?.persons.map { "person \($0)" } ?? [])
        return "accusation of \(names.sorted().joined(separator: ", "))"
    }

    /// Reads a body; throws a problem that lists its faults, the first fifty of them.
    ///
    /// `place` is where the case stands in the request's body, as a JSON pointer: empty for a case that is the whole body.
    init(_ body: [UInt8], at place: String = "", now: Instant) throws(Problem) {
        func refuse(_ type: ProblemType, _ reason: String) -> Problem {
            let faults = place.isEmpty ? [] : [Problem.Fault(pointer: place, detail: "the case \(reason)")]
            return Problem(type, detail: "The case \(reason).", errors: faults)
        }
        if body.count > Self.largestBody { throw refuse(.bodyTooLarge, "has more than \(Self.largestBody) bytes (1 MiB); shorten it") }
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: body) } catch {
            throw refuse(.malformedRequest, "is not acceptable JSON, \(error); send one JSON object in UTF-8")
        }
        guard case .object(let members) = json else {
            throw refuse(.invalidContent, "is \(json.kind); send one JSON object with the fields of a case")
        }
        var reader = FormReader(members, at: place)
        kind = reader.choice("kind", default: nil) ?? .claim
        channel = reader.choice("channel", default: .web) ?? .web
        urgency = reader.choice("urgency", default: .ordinary) ?? .ordinary
        title = reader.text("title", longest: Self.longestTitle, isRequired: true) ?? ""
        narrative = reader.text("narrative", longest: Self.longestNarrative, isRequired: true, hasLines: true) ?? ""
        topic = reader.code("topic")
        region = reader.code("region")
        occurred = reader.instant("occurredAt", now: now)
        anonymous = reader.flag("anonymous")
        petitioners = reader.people("petitioners", most: Self.mostPetitioners)
        if anonymous, !petitioners.isEmpty {
            reader.fault("\(place)/petitioners", "an anonymous case has no petitioners; leave them out or set anonymous to false")
        }
        if !anonymous, petitioners.isEmpty {
            reader.fault("\(place)/petitioners", "name at least one petitioner, or set anonymous to true")
        }
        accused = reader.accused("accused")
        follows = reader.text("follows", longest: 40, isRequired: false)
        session = reader.identifier("session")
        likes = reader.integer("likes", in: 0...1_000_000, isRequired: false)
        let said = reader.words("tags", HouseholdTag.self)
        tags = said.isEmpty ? nil : said
        if var inner = reader.object("settlement") {
            let (unit, answer): (UnitCode?, AnswerText?) = (inner.requiredCode("unit"), inner.answer())
            reader.add(inner.finish())
            if let unit, let answer { settlement = (unit, answer) }
        }
        try reader.finish().check()
    }

    /// Throws a problem when the form holds what only staff may say, and nobody of the staff sends it.
    func check(sentBy staff: ActingPerson?, at place: String) throws(Problem) {
        if staff != nil { return }
        var faults: [Problem.Fault] = []
        func refuse(_ name: String) {
            faults.append(.init(pointer: "\(place)/\(name)", detail: "\(name) is for the staff who received the petitioner; leave it out"))
        }
        if session != nil { refuse("session") }
        if likes != nil { refuse("likes") }
        if tags != nil { refuse("tags") }
        if settlement != nil { refuse("settlement") }
        if !faults.isEmpty { throw Problem.invalidContent(faults) }
    }
}
