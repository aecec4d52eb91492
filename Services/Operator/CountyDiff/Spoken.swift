import Models

/// Terms, hours and days in the words of a sentence.
enum Spoken {
    static func term(_ term: Term?) -> String {
        guard let term else { return "no set length" }
        return "\(term.count) \(term.unit.rawValue)\(term.count == 1 ? "" : "s")"
    }

    static func hours(_ hours: QuietHours?) -> String {
        guard let hours else { return "none" }
        func time(_ seconds: Int) -> String {
            let (hour, minute) = (seconds / 3600, seconds / 60 % 60)
            return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
        }
        return "\(time(hours.from)) to \(time(hours.until))"
    }

    /// Every day that is not like others of its weekday, with what it is.
    static func days(_ definition: CountyDefinition) -> [LocalDate: String] {
        var days: [LocalDate: String] = [:]
        for year in definition.years {
            for holiday in year.holidays where holiday.first <= holiday.last {
                for offset in 0...(holiday.last - holiday.first) { days[holiday.first + offset] = "a holiday (\(holiday.name.both))" }
            }
            for day in year.makeUpDays { days[day] = "a make-up working day" }
        }
        for overlay in definition.overlays {
            days[overlay.date] = "\(overlay.isWorking ? "a working day" : "a day off") here (\(overlay.reason.both))"
        }
        return days
    }
}

extension LocalizedText {
    /// In both languages, once when they are the same.
    var both: String { zh == en ? zh : "\(zh) \(en)" }
}
