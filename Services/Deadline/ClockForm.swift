import Models
import ServiceKit

/// The bodies of `POST /v1/cases/{id}/pause-clock`, `resume-clock` and `rebase-clocks`.
enum ClockForm {
    static let steps: [CaseStep] = [.pauseClock, .resumeClock, .rebaseClocks]

    /// Throws a problem that names every fault by its place.
    static func order(_ step: CaseStep, _ body: [UInt8]) throws(Problem) -> ClockCommand.Order {
        var form = try FormReader(body: body)
        let order: ClockCommand.Order? =
            switch step {
            case .pauseClock: .pause(form.code("clock") ?? .finalReview, note: text("reason", &form))
            case .resumeClock: .resume(form.code("clock") ?? .finalReview)
            case .rebaseClocks: .rebase(reason: text("reason", &form))
            default: nil
            }
        try form.finish().check()
        guard let order else { throw Problem(.internalError, detail: "This step has no form; report it.") }
        return order
    }

    private static func text(_ name: String, _ form: inout FormReader) -> String {
        form.text(name, longest: 10_000, isRequired: true, hasLines: true) ?? ""
    }
}
