import Hummingbird
import Models
import ServiceKit

/// Reads the parameters of `GET /v1/cases`; every wrong one is named, not only the first.
struct CaseFilterForm {
    private static let names: Set<Substring> = [
        "stage", "unit", "topic", "region", "kind", "channel", "from", "to", "overdue", "text", "limit", "after",
    ]

    var filter = CaseFilter()
    var limit = PageLimit.standard
    /// Behind which case the page begins, and how the one before it went.
    var after: (subject: Subject, path: ListPath)?

    private let query: Parameters
    private var faults = FaultList()

    /// Units, topics and regions mean those of `county`, with all that stand below them; days are the county's.
    ///
    /// `cursor` reads `after`.
    init(_ query: Parameters, in county: CountyIndex?, cursor: CaseCursor) throws(Problem) {
        self.query = query
        for name in Set(query.map(\.key)).subtracting(Self.names).sorted() {
            faults.add(
                "/" + FaultList.step(String(name)), "there is no such parameter; use one of \(Self.names.sorted().joined(separator: ", "))")
        }
        filter.stages = words("stage")
        filter.kinds = words("kind")
        filter.channels = words("channel")
        filter.units = subtree("unit", county?.unitTree)
        filter.topics = subtree("topic", county?.topicTree)
        filter.regions = subtree("region", county?.regionTree)
        readDays(county)
        if let text = query["overdue"] {
            if !["true", "false"].contains(text) { faults.add("/overdue", "overdue is true or false") }
            filter.isOverdue = text == "true"
        }
        if let text = query["text"].map(String.init) {
            if !(2...64).contains(text.unicodeScalars.count) || text.unicodeScalars.contains("\0") {
                faults.add("/text", "text has 2 to 64 characters, which stand in the title or the number")
            }
            filter.text = text
        }
        if let text = query["limit"] {
            if let number = Int(text), (1...500).contains(number) {
                limit = number
            } else {
                faults.add("/limit", "limit is a whole number from 1 to 500")
            }
        }
        if let text = query["after"] {
            after = cursor.place(String(text))
            if after == nil {
                faults.add("/after", "after is the \"next\" that a page of this list gave you, with the same filters; begin without it")
            }
        }
        try faults.check()
    }

    /// One or several words of a vocabulary, with commas between them.
    private mutating func words<Word: RawRepresentable & CaseIterable>(_ name: Substring) -> [Word]? where Word.RawValue == String {
        guard let text = query[name] else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let words = parts.compactMap { Word(rawValue: String($0)) }
        if words.count != parts.count {
            faults.add(
                "/\(name)",
                "\(name) is one or several, with commas between them, of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return words
    }

    private mutating func subtree<C: Code>(_ name: Substring, _ tree: CodeTree<C>?) -> [C]? {
        guard let text = query[name] else { return nil }
        guard let code = C(String(text)), let found = tree?.subtree(of: code), !found.isEmpty else {
            faults.add("/\(name)", "the county has no such \(name); give the code of one of its own")
            return nil
        }
        return found
    }

    private mutating func readDays(_ county: CountyIndex?) {
        let (from, to) = (day("from"), day("to"))
        if let from, let to, to < from { faults.add("/to", "to lies before from; exchange them") }
        filter.from = from.flatMap { county?.calendar.offsets.instant($0) }
        filter.until = to.flatMap { county?.calendar.offsets.instant($0 + 1) }
    }

    private mutating func day(_ name: Substring) -> LocalDate? {
        guard let text = query[name] else { return nil }
        guard let day = LocalDate(String(text)), (1970..<2100).contains(day.year) else {
            faults.add("/\(name)", "\(name) is a day such as 2026-11-24; it counts in whole")
            return nil
        }
        return day
    }
}
