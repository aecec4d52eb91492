import Models
import ServiceKit
import Testing

@testable import Intake

@Suite("The body of a step at intake")
struct CaseFormTests {
    private let now = Instant(microseconds: 1_764_000_000_000_000)

    private func faults(_ step: CaseStep, _ body: String) -> [String] {
        do throws(Problem) {
            _ = try CaseForm.content(step, Array(body.utf8), now: now)
            return []
        } catch { return error.errors.map(\.pointer) }
    }

    @Test("names every field that is missing by its place")
    func missing() {
        let wanted: [(CaseStep, [String])] = [
            (.settleOnTheSpot, ["/unit", "/claim", "/facts", "/opinion", "/conclusion", "/basis"]), (.addMaterial, ["/text"]),
            (.withdraw, []), (.rate, ["/satisfaction"]), (.requestReview, ["/reason"]), (.requestFinalReview, ["/reason"]),
            (.merge, ["/into"]), (.unmerge, ["/reason"]), (.correct, ["/petitioner", "/name"]), (.recordService, ["/how"]),
            (.recordReturnCall, []), (.unmask, ["/reason"]),
        ]

        #expect(Set(wanted.map(\.0)) == Set(CaseForm.steps))
        for (step, places) in wanted {
            #expect(Set(faults(step, "{}")) == Set(places), "\(step)")
            #expect(faults(step, #"{"nonsense":1}"#).contains("/nonsense"), "\(step)")
        }
    }

    @Test("is refused with the place of what does not fit")
    func wrong() {
        #expect(faults(.recordService, #"{"how":"post","on":"2099-01-01T00:00:00Z"}"#) == ["/on"])
        #expect(faults(.recordReturnCall, #"{"reached":"yes","satisfaction":"fine"}"#) == ["/reached", "/satisfaction"])
        #expect(faults(.recordReturnCall, #"{"reached":true,"satisfaction":null}"#) == [])
        #expect(faults(.correct, #"{"petitioner":0,"phone":"abc"}"#) == ["/phone"])
        #expect(faults(.correct, #"{"petitioner":0,"email":"abc"}"#) == ["/email"])
        #expect(faults(.correct, #"{"petitioner":0,"address":"7号"}"#) == [])
    }

    @Test("of a registration holds at most five representatives, and what only the staff may say")
    func registration() throws {
        func form(_ more: String, _ people: Int = 7) throws(Problem) -> RegistrationForm {
            let persons = (0..<people).map { #"{"name":"n\#($0)","represents":true}"# }.joined(separator: ",")
            let body = #"{"kind":"claim","title":"t","narrative":"n","petitioners":[\#(persons)]\#(more)}"#
            return try RegistrationForm(Array(body.utf8), now: now)
        }
        func places(_ work: () throws(Problem) -> Void) -> [String] {
            do throws(Problem) {
                try work()
                return []
            } catch { return error.errors.map(\.pointer) }
        }

        #expect(places { () throws(Problem) in _ = try form("") } == ["/petitioners"])
        #expect(try form("", 5).petitioners.count(where: \.represents) == 5)
        let accused = try form(#","accused":[{"unit":"edu"},{"person":"p-1"}]"#, 1)
        #expect(accused.accused == .init(units: [UnitCode(validated: "edu")], persons: [PersonCode(validated: "p-1")]))
        #expect(places { () throws(Problem) in _ = try form(#","accused":[{},7]"#, 1) } == ["/accused/0", "/accused/1"])
        let session = try form(#","session":"0193a000-0000-7000-8000-000000000001""#, 1)
        #expect(places { () throws(Problem) in try session.check(sentBy: nil, at: "") } == ["/session"])
        #expect(places { () throws(Problem) in try session.check(sentBy: ActingPerson(role: .clerk), at: "") } == [])
    }
}
