import Foundation
import Models
import Testing

@Suite struct CountyVocabularyTests {
    @Test(
        "Codes hold small letters, digits and single hyphens between them",
        arguments: ["a", "7", "edu", "a-b-c", "430100", String(repeating: "x", count: 48)])
    func accepts(_ text: String) throws {
        #expect(try UnitCode(validating: text).text == text)
        #expect(try JSONDecoder().decode([UnitCode].self, from: JSONEncoder().encode([UnitCode(validating: text)])).first?.text == text)
    }

    @Test(
        "Anything else is no code, and the sentence says why",
        arguments: [
            ("", "missing"), ("Edu", "a-z"), ("a b", "a-z"), ("a.b", "a-z"), ("-a", "a-z"), ("a--b", "a-z"), ("a-", "hyphen"),
            ("教育", "a-z"), ("*", "a-z"), ("#", "a-z"), (String(repeating: "x", count: 49), "longer"),
        ])
    func refuses(_ text: String, _ word: String) {
        let error = #expect(throws: CodeError.self) { try TopicCode(validating: text) }

        #expect(error?.description.contains(word) == true && error?.description.contains("topic code") == true)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([TopicCode].self, from: JSONEncoder().encode([text])) }
    }

    @Test("Every word has a name in both languages, and no two words of a list have the same")
    func names() {
        func check<W: CaseIterable & Named>(_ type: W.Type) {
            let names = W.allCases.map(\.name)
            #expect(names.allSatisfy { !$0.zh.isEmpty && !$0.en.isEmpty })
            #expect(Set(names.map(\.zh)).count == names.count && Set(names.map(\.en)).count == names.count, "\(type)")
        }
        check(CaseKind.self)
        check(Channel.self)
        check(Urgency.self)
        check(Stage.self)
        check(OutcomeCode.self)
        check(Opinion.self)
        check(UnitKind.self)
        check(Audience.self)
        check(DayKind.self)
        check(Weekday.self)
        check(TermUnit.self)
    }

    @Test("Event types are words joined by dots", arguments: ["case.accepted", "final-review.requested", "a.b.c"])
    func eventTypes(_ text: String) {
        #expect(EventType(text)?.description == text)
    }

    @Test("Other texts are no event types", arguments: ["case", "case.", ".case", "Case.accepted", "case accepted", "case.-x", ""])
    func noEventTypes(_ text: String) {
        #expect(EventType(text) == nil)
    }

    @Test("A term is named in both languages, in singular and plural")
    func terms() {
        #expect(Term(1, .workday).name == LocalizedText(zh: "1个工作日", en: "1 working day"))
        #expect(Term(60, .day).name == LocalizedText(zh: "60日", en: "60 days"))
    }
}
