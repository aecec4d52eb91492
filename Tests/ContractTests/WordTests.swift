import Models
import TestSupport
import Testing

@testable import Intake
@testable import Notification
@testable import Routing
@testable import ServiceKit

/// The words of the documents are the words of the code.
@Suite("OpenAPI: words")
struct WordTests {
    private static func words<T: RawRepresentable<String> & CaseIterable>(_ type: T.Type) -> [String] { T.allCases.map(\.rawValue) }

    /// Every enumeration that a document may have among its schemas.
    static let known: [String: [String]] = [
        "Step": words(CaseStep.self), "Stage": words(Stage.self), "Kind": words(CaseKind.self), "Channel": words(Channel.self),
        "Urgency": words(Urgency.self), "Opinion": words(Opinion.self), "Outcome": words(OutcomeCode.self),
        "NotAcceptedReason": words(NotAcceptedReason.self), "LawfulWay": words(LawfulWay.self),
        "SupervisionReason": words(SupervisionReason.self), "Satisfaction": words(Satisfaction.self), "ServiceWay": words(ServiceWay.self),
        "Source": words(Source.self), "SessionKind": words(SessionKind.self), "SessionPhase": words(SessionPhase.self),
        "HouseholdTag": words(HouseholdTag.self), "DutyLevel": words(DutyLevel.self), "ClockPhase": words(CaseFileClock.Phase.self),
        "VisitorPhase": words(SessionRecord.Visitor.Phase.self), "CoHandlerPhase": words(CaseLife.CoHandler.Phase.self),
        "NoticePhase": words(NoticeLine.Phase.self),
    ]

    @Test("every enumeration has the cases of its type, in their order", arguments: AssembledService.allCases)
    func enumerations(service: AssembledService) throws {
        let schemas = try #require(try service.document().root["components"]?["schemas"]?.members)

        for (name, schema) in schemas {
            guard let words = schema["enum"]?.strings else { continue }
            #expect(Self.known[name] == words, "\(name)")
        }
    }

    @Test("the steps in the addresses are those that the service decides")
    func steps() throws {
        let routing = try AssembledService.routing.document().operations.map(\.path).filter { $0.hasPrefix("/v1/cases/{id}/") }

        #expect(Set(routing) == Set(DeskForm.steps.map { "/v1/cases/{id}/\($0.rawValue)" }))
    }

    @Test("the languages of the calendar are those of the house")
    func languages() throws {
        let parameters = try AssembledService.intake.document().operation("GET", "/v1/roster.ics").parameters

        #expect(parameters.first { $0["name"] == "lang" }?["schema"]?["enum"]?.strings == Self.words(Language.self))
    }
}
