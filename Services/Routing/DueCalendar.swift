import Models
import ServiceKit

/// The dates by which a unit owes something, as a calendar (RFC 5545) that its people subscribe to.
///
/// Each names the case by its number and says what is owed: what petitioners wrote stays in the house.
struct DueCalendar: Sendable {
    /// The most cases, those that are due first.
    static let most = 1000

    let unit: UnitCode
    let county: CountyIndex
    let language: Language

    /// The calendar of the cases on a desk.
    ///
    /// - Parameter began: The county version that a case is bound to, whose packs name its clocks.
    func calendar(of cases: [(subject: Subject, state: RoutingState)], began: (RoutingState) -> CountyIndex) -> ICalendar {
        let name = county.unit(unit)?.name[language] ?? unit.text
        var calendar = ICalendar(
            product: "-//Huiyin//Due dates//\(language.rawValue.uppercased())",
            name: language == .zh ? "\(name)：办理期限" : "\(name): due dates")
        // What is confidential stays in the house.
        for (subject, state) in cases where !state.life.isConfidential {
            let county = began(state)
            for clock in state.clocks where isOwed(clock, in: state, county) { add(clock, of: subject, state, in: county, to: &calendar) }
        }
        calendar.end()
        return calendar
    }

    /// Whether the unit owes something by the clock: its own where it helps, that of a review where it reviews, else those of its cases.
    private func isOwed(_ clock: RoutingState.RunningClock, in state: RoutingState, _ began: CountyIndex) -> Bool {
        guard !clock.isRight, clock.isPaused != true else { return false }
        if let helping = clock.unit { return helping == unit }
        let from = state.assignment.flatMap { began.pack($0.pack)?.clock(clock.name)?.from.description }
        let isReview = from == ReviewRequested.type || from == FinalReviewRequested.type
        return unit == (isReview ? state.life.reviewer : state.life.lead)
    }

    private func add(
        _ clock: RoutingState.RunningClock, of subject: Subject, _ state: RoutingState, in began: CountyIndex, to calendar: inout ICalendar
    ) {
        let rule = state.assignment.flatMap { began.pack($0.pack)?.clock(clock.name) }
        let title = (rule ?? began.definition.packs.lazy.compactMap { $0.clock(clock.name) }.first)?.title[language] ?? clock.name.text
        let (offsets, stage) = (county.calendar.offsets, state.life.stage.name[language])
        let date = offsets.date(at: clock.due)
        calendar.line("BEGIN", "VEVENT")
        calendar.line("UID", "\(subject)-\(clock.name)-\(clock.serial)@\(county.definition.code).huiyin")
        calendar.instant("DTSTAMP", state.assignment?.at ?? state.registered)
        // A term in hours ends within its day.
        if clock.due == offsets.endOfDay(date) { calendar.date("DTSTART", date) } else { calendar.instant("DTSTART", clock.due) }
        calendar.text("SUMMARY", language == .zh ? "\(title)：\(state.number)" : "\(title): \(state.number)")
        if let citation = rule?.citation[language] { calendar.text("DESCRIPTION", "\(stage)\n\(citation)") }
        calendar.line("TRANSP", "TRANSPARENT")
        calendar.line("END", "VEVENT")
    }
}
