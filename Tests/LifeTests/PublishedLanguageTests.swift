import Models
import Notification
import TestSupport
import Testing

/// Every entry of every story is held to what is documented, where `PlayedCase` plays it.
@Suite("The language that departments hear")
struct PublishedLanguageTests {
    @Test("is one AsyncAPI document whose references lead somewhere, and whose channels carry every type")
    func document() throws {
        let language = try PublishedLanguage()

        #expect(language.faults == [])
        #expect(language.schemas.count > 30)
    }

    @Test("has no entry that is not as it is documented")
    func strict() throws {
        let language = try PublishedLanguage()
        var play = try PlayedCase()
        try play.pass(days: 200)
        let entry = try #require(play.entries.first)

        #expect(try play.entries.flatMap { try language.misfits($0.type, $0.body) } == [])
        #expect(try language.misfits("case.unheard-of", entry.body) != [])
        #expect(try language.misfits("clock.warned", entry.body) != [])
    }
}
