import CaseFlow
import Models
import TestSupport
import Testing

@testable import Notification

@Suite("OpenAPI: notices")
struct NoticeAnswerTests {
    @Test("a notice in the list, of each sort of recipient")
    func notices() throws {
        let lines = [NoticeRecipient.petitioner, .unit(TestCounty.roads), .person(PersonCode(validated: "roads-1"))].enumerated().map {
            NoticeLine(
                id: NoticeID(UniqueID(high: 8, low: UInt64($0))), subject: SampleCase.subject, template: "receipt", recipient: $1,
                phase: NoticeLine.Phase.allCases[$0].rawValue, way: $0 == 0 ? nil : "mail", attempts: $0, answer: $0 == 0 ? nil : "x",
                next: Instant(microseconds: 1_790_000_000_000_000), created: Instant(microseconds: 1_790_000_000_000_000)
            ).json(number: "20261124-000123-7")
        }

        try AnswerTests.compare(lines, "Notice", of: .notification)
        try AnswerTests.compare(
            [.object(["notices": .array(lines), "next": .null]), .object(["notices": .array([]), "next": .string("1.x")])], "NoticePage",
            of: .notification)
    }
}
