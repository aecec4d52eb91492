import Models
import ServiceKit
import Testing

@testable import Routing

@Suite("The body of a step at a desk")
struct DeskFormTests {
    private func faults(_ step: CaseStep, _ body: String) -> [String] {
        do throws(Problem) {
            _ = try DeskForm.order(step, Array(body.utf8))
            return []
        } catch { return error.errors.map(\.pointer) }
    }

    @Test("names every field that is missing by its place")
    func missing() {
        let answer = ["/claim", "/facts", "/opinion", "/conclusion", "/basis"]
        let wanted: [(CaseStep, [String])] = [
            (.accept, []), (.notAccept, ["/reason", "/explanation", "/lawfulWay"]), (.redirect, ["/way", "/explanation"]),
            (.raiseObjection, ["/proposed", "/reason"]), (.confirmObjection, []), (.refuseObjection, ["/reason"]),
            (.reassign, ["/unit", "/reason"]), (.addCoHandler, ["/unit", "/task", "/workdays"]),
            (.excuseCoHandler, ["/unit", "/reason"]), (.answerAsCoHandler, ["/text"]), (.answer, answer), (.answerReview, answer),
            (.answerFinalReview, answer), (.close, ["/outcome"]), (.reopen, ["/reason"]), (.supervise, ["/reason", "/note"]),
            (.takeCharge, []), (.recuse, ["/reason"]), (.openAssistance, ["/unit", "/task", "/workdays"]),
            (.endAssistance, ["/serial", "/outcome"]),
        ]

        #expect(Set(wanted.map(\.0)) == Set(DeskForm.steps))
        for (step, places) in wanted {
            #expect(Set(faults(step, "{}")) == Set(places), "\(step)")
            let nulls = "{" + places.map { "\"\($0.dropFirst())\":null" }.joined(separator: ",") + "}"
            #expect(Set(faults(step, nulls)) == Set(places), "\(step) with nulls")
            #expect(faults(step, #"{"nonsense":1}"#).contains("/nonsense"), "\(step)")
        }
    }

    @Test("is refused with the place of what does not fit")
    func wrong() {
        #expect(faults(.notAccept, #"{"reason":"because","explanation":"x","lawfulWay":"y"}"#) == ["/reason"])
        #expect(faults(.addCoHandler, #"{"unit":"A B","task":"x","workdays":0}"#) == ["/unit", "/workdays"])
        #expect(faults(.addCoHandler, #"{"unit":"edu","task":"x","workdays":99999999999999999999}"#).isEmpty == false)
        #expect(faults(.accept, #"{"officer":7}"#) == ["/officer"])
        #expect(faults(.answer, #"{"claim":"a","facts":"b","opinion":"support","conclusion":" ","basis":"c"}"#) == ["/conclusion"])
        for body in ["[]", "7", "rubbish", "{"] {
            #expect(throws: Problem.self) { try DeskForm.order(.accept, Array(body.utf8)) }
        }
    }

    @Test("of a page's cursor reads what it wrote, and nothing else")
    func cursors() {
        let cursor = DeskQueries.Cursor(due: Instant(microseconds: 42), subject: Subject(UniqueID(high: 1, low: 2)))

        #expect(DeskQueries.Cursor(cursor.description)?.subject == cursor.subject)
        for text in ["", "7", "x.y", "7.", ".\(cursor.subject)"] { #expect(DeskQueries.Cursor(text) == nil) }
    }
}
