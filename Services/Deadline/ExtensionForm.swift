import Models
import ServiceKit

/// The body of `POST /v1/cases/{id}/extend`.
struct ExtensionForm {
    let clock: ClockName
    /// How many calendar days more.
    let days: Int
    let reason: String

    /// Reads a body; throws a problem that names every fault by its place.
    init(_ body: [UInt8]) throws(Problem) {
        var form = try FormReader(body: body)
        clock = form.code("clock") ?? .handle
        days = form.integer("days", in: 1...366, isRequired: true) ?? 1
        reason = form.text("reason", longest: 10_000, isRequired: true, hasLines: true) ?? ""
        try form.finish().check()
    }
}
