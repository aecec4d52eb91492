import Hummingbird
import Models
import ServiceKit

/// Reads the parameters of questions about sessions.
enum SessionQuery {
    /// The time from the beginning of `from` to the end of `to`, both dates of the county; what is missing is `standard`'s, or open.
    static func times(_ query: Parameters, _ county: CountyIndex, standard: ClosedRange<LocalDate>?) throws(Problem) -> Range<Instant> {
        let (from, to) = (try date(query, "from"), try date(query, "to"))
        let first = from ?? standard?.lowerBound ?? LocalDate(yearStart: 2000)
        // A roster that begins elsewhere is as long as the usual one.
        let length = standard.map { $0.upperBound - $0.lowerBound }
        let last = to ?? length.map { first + $0 } ?? LocalDate(yearStart: 2100)
        guard first <= last else { throw Problem(.invalidContent, detail: "from lies after to; exchange them.") }
        return county.calendar.offsets.instant(first)..<county.calendar.offsets.instant(last + 1)
    }

    static func code<C: Code>(_ query: Parameters, _ name: Substring) throws(Problem) -> C? {
        guard let text = query[name] else { return nil }
        guard let code = C(String(text)) else { throw Problem(.invalidContent, detail: "\(name) is no \(C.noun).") }
        return code
    }

    static func kind(_ query: Parameters) throws(Problem) -> SessionKind? {
        guard let text = query["kind"] else { return nil }
        guard let kind = SessionKind(rawValue: String(text)) else {
            throw Problem(.invalidContent, detail: "kind is one of \(SessionKind.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return kind
    }

    private static func date(_ query: Parameters, _ name: Substring) throws(Problem) -> LocalDate? {
        guard let text = query[name] else { return nil }
        guard let date = LocalDate(String(text)), (2000..<2100).contains(date.year) else {
            throw Problem(.invalidContent, detail: "\(name) is a date such as 2026-11-24, from 2000 to 2099.")
        }
        return date
    }
}
