import CaseFlow
import Models
import TestSupport
import Testing

@testable import Deadline
@testable import Intake
@testable import Routing
@testable import ServiceKit

/// What a service writes and what its document says of its answers are the same.
///
/// An answer that only a handler with a database writes is held to its closed schema by `./huiyin test --contract`.
@Suite("OpenAPI: answers")
struct AnswerTests {
    /// Fails unless each value fits, and together they have every member that is described.
    static func compare(_ values: [JSONValue], _ name: String, of service: AssembledService) throws {
        let document = try service.document()
        let schema = try document.schema(name)

        for value in values { #expect(document.misfits(value, schema) == [], "\(name)") }

        let written = values.reduce(into: Set<String>()) { $0.formUnion(pointers(in: $1)) }
        #expect(Set(document.members(of: schema).keys).subtracting(written) == [], "\(name) describes what is never written")
    }

    private static func pointers(in value: JSONValue, at place: String = "") -> Set<String> {
        switch value {
        case .object(let members):
            return members.reduce(into: []) { found, member in
                found.insert("\(place)/\(member.key)")
                found.formUnion(pointers(in: member.value, at: "\(place)/\(member.key)"))
            }
        case .array(let elements): return elements.reduce(into: []) { $0.formUnion(pointers(in: $1, at: place + "/0")) }
        case .null, .bool, .integer, .double, .string: return []
        }
    }

    @Test("receipts, alone and in a batch")
    func receipts() throws {
        let answer = try SampleCase().registered
        var (good, known, bad): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        RegistrationOutcome.registered(answer).write(into: &good)
        let again = RegistrationAnswer(known: true, receipt: answer.receipt)
        RegistrationOutcome.registered(again).write(into: &known)
        RegistrationOutcome.refused(.invalidContent([.init(pointer: "/cases/0/case/title", detail: "title is missing")])).write(into: &bad)

        var refused = try #require(try JSONValue(parsing: bad).members)
        refused["problem"] = try Self.problem()
        try Self.compare([JSONValue(parsing: answer.receipt.canonical)], "Receipt", of: .intake)
        try Self.compare([JSONValue(parsing: again.shown)], "KnownCase", of: .intake)
        try Self.compare(
            [JSONValue(parsing: good), JSONValue(parsing: known), JSONValue(parsing: bad), .object(refused)], "BatchResult", of: .intake)
    }

    @Test("a case at intake: whole, in a list, with its petitioners, and as they see it")
    func intake() throws {
        var sample = try SampleCase()
        try sample.order(.addMaterial("a photograph"), by: .petitioner)
        var file = try sample.file
        file.answer = SampleCase.answer
        file.clocks = [
            CaseFileClock(
                name: .handle, serial: 1, due: file.registered, dueDate: try #require(LocalDate("2026-12-09")), provisional: false,
                phase: .running)
        ]
        let found = IntakeQueries.Found(subject: SampleCase.subject, file: file)
        let sheet = CaseSheet(
            subject: SampleCase.subject, kind: "claim", channel: "web", narrative: "n", topic: nil, region: nil,
            occurred: file.registered, anonymous: false, petitioners: sample.registration.petitioners, file: file, lines: 3,
            head: [UInt8](repeating: 0, count: 32))

        var tagged = sheet
        tagged.file.tags = [.needy, .veteran]
        try Self.compare(
            [sheet.shown(sample.seal, .handling), tagged.shown(sample.seal, .handling), tagged.shown(sample.seal, .masked)], "Case",
            of: .intake)
        func tags(_ access: CaseAccess) -> JSONValue? { tagged.shown(sample.seal, access).members?["tags"] }
        #expect(tags(.handling)?.elements?.count == 2 && tags(.masked) == .null)
        let listed: ListedFile = try StateCoding.decode(StateCoding.encode(file))
        let line = CaseSheet.line(SampleCase.subject, listed, kind: "claim", channel: "web", completed: file.registered)
        try Self.compare([line], "CaseLine", of: .intake)
        try Self.compare([CaseSheet.unmasked(sample.registration.petitioners, sample.seal)], "Petitioners", of: .intake)
        try Self.compare(
            [found.progress(unitName: nil, following: nil), found.progress(unitName: nil, following: found)], "Progress", of: .intake)
        try Self.compare(Array(sample.answers.dropFirst()), "StepTaken", of: .intake)
        try Self.compare(sample.events.map { try JSONValue(parsing: $0.wire) }, "Event", of: .intake)
    }

    @Test("a case at routing: whole and in a list")
    func routing() throws {
        var (objected, helped) = (try SampleCase(), try SampleCase())
        try objected.desk(.raiseObjection(proposed: TestCounty.education, reason: "theirs"), by: SampleCase.officer)
        try helped.desk(.accept(officer: nil), by: SampleCase.officer)
        try helped.desk(.addCoHandler(TestCounty.education, task: "help", workdays: 5), by: SampleCase.head)
        try helped.desk(.openAssistance(TestCounty.works, task: "help", workdays: 5), by: SampleCase.head)
        var state = try helped.desk
        state.clocks = [.init(name: .handle, serial: 1, due: state.registered, isRight: false, unit: nil)]
        state.assignment?.place = .init(region: RegionCode(validated: "east"), names: ["East Gate"])
        state.assignment?.suggested = TopicFinding(
            model: "t-0123456789abcdef",
            choices: [.init(topic: TopicCode(validated: "roads"), share: 912, words: ["road"], against: ["broken"])], given: true)

        let like = DeskView.similar(
            .init(subject: SampleCase.subject, other: SampleCase.subject, likeness: 912, isSameWriter: true), state)
        let others: [String: JSONValue] = ["issue": .string(SampleCase.subject.description), "similar": .array([like])]
        let whole = [try objected.desk, state].map {
            DeskView.whole(SampleCase.subject, $0, for: SampleCase.officer, in: helped.county, others: others)
        }
        let line = DeskView.line(.init(subject: SampleCase.subject, state: state, due: state.registered))

        try Self.compare(whole, "DeskCase", of: .routing)
        try Self.compare([line], "DeskLine", of: .routing)
        try Self.compare(Array(helped.answers.dropFirst()) + Array(objected.answers.dropFirst()), "StepTaken", of: .routing)
    }

    @Test("the loads of units")
    func loads() throws {
        let sample = try SampleCase()
        var load = UnitLoad()
        (load.open, load.medianSeconds) = (3, 86_400)
        let count = LoadBook.Count(units: [TestCounty.roads: load], at: Instant(microseconds: 0))

        let view = LoadAPI.view(of: count, for: ActingPerson(role: .leader), in: sample.county)

        try Self.compare([view], "UnitLoads", of: .routing)
    }

    @Test("sessions: whole, in a list, on the roster, and the answer to a step")
    func sessions() throws {
        let sample = try SampleSession()
        let entry = Roster.Entry(id: SampleSession.subject, record: try sample.record)

        let whole = [.administrator, .clerk].map { SessionView(seal: sample.seal).whole(entry, for: ActingPerson(role: $0)) }
        try Self.compare(whole, "Session", of: .intake)
        try Self.compare([SessionView.line(entry)], "SessionLine", of: .intake)
        try Self.compare([Roster([entry], county: sample.county).json], "Roster", of: .intake)
        try Self.compare(sample.answers, "SessionRecorded", of: .intake)
    }

    @Test("the duty report")
    func duties() throws {
        let leader = DutyReport.Leader(
            person: PersonCode(validated: "leader-1"), unit: TestCounty.county, level: DutyLevel.county)
        let month = try #require(CountyMonth("2026-11"))
        let report = DutyReport(
            month: month, leaders: [leader], held: [.init(leader: leader, kind: .reception, opened: SampleSession.starts)],
            rules: DutyRule.standard, offsets: try SampleSession().county.calendar.offsets)

        try Self.compare([report.json(of: month)], "Duties", of: .intake)
    }

    @Test("the county: its definition, and what publishing it answers")
    func county() throws {
        var sample = try SampleCase()
        var definition = TestCounty.whole()
        definition.quietHours = QuietHours(from: 79_200, until: 28_800)
        definition.duties = DutyRule.standard
        (definition.digestAt, definition.topicPrecision, definition.hotIssues) = (61_200, 98, .standard)

        let written = try JSONValue(parsing: definition.canonicalJSON())

        try Self.compare([written, JSONValue(parsing: TestCounty.definition().canonicalJSON())], "CountyDefinition", of: .intake)
        try Self.compare([sample.publish()], "CountyPublished", of: .intake)
    }

    @Test("problems and readiness", arguments: AssembledService.allCases)
    func everyService(service: AssembledService) throws {
        let good = ReadinessReport(entries: [.init(name: "database", failure: nil), .init(name: "broker", failure: nil)])
        let bad = ReadinessReport(entries: [.init(name: "database", failure: "away")])
        let document = try service.document()

        try Self.compare(
            [Self.problem(), JSONValue(parsing: Problem.notFound("No.").document(instance: nil, trace: nil))], "Problem", of: service)
        #expect(document.misfits(try JSONValue(parsing: good.document()), try document.schema("Readiness")) == [])
        try Self.compare([JSONValue(parsing: bad.document())], "NotReady", of: service)
    }

    private static func problem() throws -> JSONValue {
        let problem = Problem.invalidContent([.init(pointer: "/title", detail: "title is missing")])
        return try JSONValue(parsing: problem.document(instance: "/v1/cases", trace: "4bf92f3577b34da6a3ce929d0e0e4736"))
    }
}
