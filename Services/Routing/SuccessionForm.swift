import Models
import ServiceKit

/// The body of `POST /v1/units/{unit}/succession`.
struct SuccessionForm {
    let to: UnitCode
    /// Where the page begins: behind this case.
    let after: Subject
    /// Only says what would move.
    let isDryRun: Bool
    /// The regions whose cases move; all when it is empty.
    let regions: [RegionCode]

    /// Reads a body; throws a problem that names every fault by its place.
    init(_ body: [UInt8]) throws(Problem) {
        var form = try FormReader(body: body)
        let to: UnitCode? = form.requiredCode("to")
        after = form.identifier("after") ?? Subject(UniqueID(high: 0, low: 0))
        isDryRun = form.flag("dryRun")
        regions = form.codes("regions")
        try form.finish().check()
        guard let to else { throw Problem(.invalidContent, detail: "Name the unit that takes over: to.") }
        self.to = to
    }
}
