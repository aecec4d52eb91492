import Models

/// The files of `calendars/`: one for each year's notice, and one for the county's own days.
final class CalendarFiles {
    private(set) var years: [CalendarYear] = []
    private(set) var overlays: [CalendarOverlay] = []
    private let notes: CompilerNotes
    private var yearPlaces: [Int: Place] = [:]
    private var overlayPlaces: [LocalDate: Place] = [:]
    /// What each date is, over all files, so that no two notices disagree.
    private var stated: [LocalDate: (what: String, place: Place)] = [:]

    init(notes: CompilerNotes) { self.notes = notes }

    func read(_ root: Item) {
        guard let fields = root.fields("the calendar", ["year", "published", "notice", "holidays", "make-up", "overlays"]) else { return }
        if let item = fields.optional("overlays") {
            if fields.optional("year") != nil {
                item.mistake(
                    "a year's file holds the county's own days", "Move \"overlays\" to a file of its own, like calendars/local.yaml.")
            }
            readOverlays(item)
            if fields.optional("year") == nil { return }
        }
        readYear(fields)
    }

    private func readYear(_ fields: Fields) {
        guard let item = fields.required("year"), let year = item.integer("\"year\"", 1980...2100) else { return }
        if let earlier = yearPlaces.updateValue(item.place, forKey: year) {
            item.mistake("the year \(year) is already described in \(earlier.file)", "Delete one of the two files.")
        }
        let isPublished = fields.required("published")?.flag("\"published\"") ?? false
        let notice = fields.optional("notice")?.text("\"notice\"")
        if isPublished, fields.optional("notice") == nil {
            fields.item.mistake("a published year lacks \"notice\"", "Add the title of the notice that it follows.")
        }
        var holidays: [Holiday] = []
        for item in fields.optional("holidays")?.list("\"holidays\"") ?? [] {
            if let holiday = holiday(item, year) { holidays.append(holiday) }
        }
        if isPublished, holidays.isEmpty, fields.optional("holidays") == nil {
            fields.item.mistake("the published year \(year) has no holidays", "Add \"holidays\", or say \"published: false\".")
        }
        let makeUpDays = fields.distinct("make-up") { item -> LocalDate? in
            guard let date = item.date("the make-up day"), belongs(date, year, item) else { return nil }
            if !date.weekday.isWeekend {
                item.mistake("the make-up day \(date) is a \(date.weekday.name.en), a working day anyway", "Correct the date or delete it.")
            }
            state(date, "a make-up day", item)
            return date
        }
        years.append(CalendarYear(year: year, isPublished: isPublished, notice: notice ?? "", holidays: holidays, makeUpDays: makeUpDays))
    }

    private func holiday(_ item: Item, _ year: Int) -> Holiday? {
        guard let fields = item.fields("a holiday", ["name", "days"]) else { return nil }
        let name = fields.localized("name")
        guard let days = fields.required("days"), let text = days.text("\"days\"") else { return nil }
        let ends = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard ends.count == 1 || ends.count == 3 && ends[1].isEmpty else {
            days.mistake("\"days\" \"\(text)\" is no span of days", "Write it like 2026-02-15..2026-02-23, or one date.")
            return nil
        }
        guard let first = days.date(ends[0], "the day"), let last = days.date(ends[ends.count - 1], "the day"),
            belongs(first, year, days), belongs(last, year, days)
        else { return nil }
        guard first <= last, last - first < 31 else {
            days.mistake(
                first > last ? "the holiday ends before it begins" : "the holiday is longer than a month", "Correct one of the dates.")
            return nil
        }
        for offset in 0...(last - first) { state(first + offset, "a holiday", days) }
        return name.map { Holiday(name: $0, first: first, last: last) }
    }

    private func readOverlays(_ item: Item) {
        for item in item.list("\"overlays\"") {
            guard let fields = item.fields("an overlay", ["date", "working", "reason"]) else { continue }
            let date = fields.required("date")?.date("the date")
            let isWorking = fields.required("working")?.flag("\"working\"")
            let reason = fields.localized("reason")
            guard let date, let isWorking, let reason else { continue }
            if let earlier = overlayPlaces.updateValue(item.place, forKey: date) {
                item.mistake("\(date) already has an overlay in line \(earlier.line)", "Delete one of the two.")
                continue
            }
            overlays.append(CalendarOverlay(date: date, isWorking: isWorking, reason: reason))
        }
    }

    /// A notice speaks of its own year, and perhaps of the last days of the year before.
    private func belongs(_ date: LocalDate, _ year: Int, _ item: Item) -> Bool {
        if date.year == year || date.year == year - 1 && date.month == 12 { return true }
        item.mistake("\(date) does not lie in \(year)", "Correct the date, or move it to the file of its year.")
        return false
    }

    private func state(_ date: LocalDate, _ what: String, _ item: Item) {
        guard let earlier = stated[date] else {
            stated[date] = (what, item.place)
            return
        }
        if what == earlier.what, what == "a make-up day", earlier.place.file == item.file { return }
        item.mistake(
            "\(date) is \(what), but also \(earlier.what) in \(earlier.place.file):\(earlier.place.line)", "Decide which of the two it is.")
    }
}
