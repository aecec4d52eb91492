import Hummingbird
import HummingbirdCore
import Models
import ServiceKit
import TestSupport
import Testing

@testable import Intake

@Suite("The parameters of a list of cases")
struct CaseFilterFormTests {
    private let seal: SealKey

    init() throws { seal = try #require(SealKey(secret: [UInt8](repeating: 3, count: 32))) }

    private func form(_ query: String) throws(Problem) -> CaseFilterForm {
        let county = try? CountyIndex(InventedCases.definition(villages: 6))
        let query = URI("/v1/cases?\(query)").queryParameters
        return try CaseFilterForm(query, in: county, cursor: CaseCursor(seal: seal, asker: .init(role: .clerk), query: query))
    }

    @Test("are read, with everything below the units, topics and regions that they name")
    func read() throws {
        let form = try form(
            "stage=assigned,closed&unit=town&topic=topic-1&region=place-4&kind=claim&channel=web,visit&overdue=true&text=%E9%81%93%E8%B7%AF&limit=7&from=2026-11-24&to=2026-11-24"
        )

        #expect(form.filter.stages == [.assigned, .closed])
        #expect(form.filter.units?.count == 7)
        #expect(form.filter.topics?.map(\.text) == ["topic-1", "topic-4", "topic-7", "topic-10"])
        #expect(form.filter.regions?.map(\.text) == ["place-4", "place-5"])
        #expect(form.filter.text == "道路" && form.filter.isOverdue && form.limit == 7)
        #expect(form.filter.from?.description == "2026-11-23T16:00:00.000000Z")
        #expect(form.filter.until?.description == "2026-11-24T16:00:00.000000Z")
    }

    @Test("are all named when they are wrong")
    func wrong() throws {
        let problem = #expect(throws: Problem.self) {
            _ = try form(
                "stage=open&unit=nobody&topic=x&region=-&kind=&channel=fax&from=2026-02-30&to=1&overdue=yes&text=a&limit=0&after=1&color=red"
            )
        }

        #expect(problem?.status == .unprocessableContent)
        #expect(
            Set(problem?.errors.map(\.pointer) ?? [])
                == Set(
                    ["stage", "unit", "topic", "region", "kind", "channel", "from", "to", "overdue", "text", "limit", "after", "color"]
                        .map { "/\($0)" }))
        #expect(throws: Problem.self) { try form("from=2026-11-25&to=2026-11-24") }
    }
}
