import Models

/// `county.yaml`: who the county is, its time and its desks.
struct MainFile {
    var code: CountyCode?
    var name: LocalizedText?
    var offsets: UTCOffsets?
    var workingHours: [WorkingHours] = []
    var quietHours: QuietHours?
    var desk: UnitCode?
    var standbyDesk: UnitCode?
    var duties: [DutyRule]?
    var digestAt: Int?
    var topicPrecision: Int?
    var hotIssues: HotIssueRule?

    static let keys = [
        "code", "name", "time-zone", "working-hours", "quiet-hours", "dispatch-desk", "standby-desk", "duties", "digest-at",
        "topic-precision", "hot-issues",
    ]

    init(_ root: Item, zones: String) {
        guard let fields = root.fields("the county", Self.keys) else { return }
        code = fields.required("code")?.code()
        name = fields.localized("name")
        offsets = Self.offsets(fields, zones)
        workingHours = Self.workingHours(fields)
        if let item = fields.optional("quiet-hours"), let span = Self.span(item, "\"quiet-hours\"") {
            quietHours = QuietHours(from: span.0, until: span.1)
        }
        duties = DutiesFile.duties(fields)
        digestAt = Self.digest(fields, workingHours)
        topicPrecision = Self.precision(fields)
        hotIssues = HotIssuesFile.rule(fields)
        (desk, standbyDesk) = (Self.desk("dispatch-desk", fields), Self.desk("standby-desk", fields))
        if let desk, desk == standbyDesk {
            fields.optional("standby-desk")?.mistake(
                "the standby desk is the dispatch desk itself", "Name a unit that can act when the dispatch desk is accused.")
        }
    }

    private static func desk(_ name: String, _ fields: Fields) -> UnitCode? {
        guard let item = fields.required(name), let code = item.code(UnitCode.self) else { return nil }
        fields.notes.units.mention(code, item.place)
        return code
    }

    private static func offsets(_ fields: Fields, _ zones: String) -> UTCOffsets? {
        let item = fields.optional("time-zone")
        guard let name = item == nil ? "Asia/Shanghai" : item?.text("\"time-zone\"") else { return nil }
        do throws(ZoneError) { return try ZoneFile.offsets(of: name, in: zones) } catch {
            (item ?? fields.item).mistake(error.reason, error.remedy)
            return nil
        }
    }

    private static func workingHours(_ fields: Fields) -> [WorkingHours] {
        var hours: [WorkingHours] = []
        for item in fields.optional("working-hours")?.list("\"working-hours\"") ?? [] {
            guard let (opens, closes) = span(item, "\"working-hours\"") else { continue }
            if opens >= closes {
                item.mistake("the working hours end before they begin", "Write the earlier time first.")
            } else if let last = hours.last, opens < last.closes {
                item.mistake("the working hours overlap those before them", "Write them in order and apart.")
            } else {
                hours.append(WorkingHours(opens: opens, closes: closes))
            }
        }
        return hours
    }

    /// Reads how many of a hundred topics that a model gives must be right.
    private static func precision(_ fields: Fields) -> Int? {
        fields.optional("topic-precision")?.integer("\"topic-precision\"", 50...100)
    }

    /// Reads the time of day at which leaders get their digest, which lies in working hours.
    private static func digest(_ fields: Fields, _ hours: [WorkingHours]) -> Int? {
        guard let item = fields.optional("digest-at"), let text = item.text("\"digest-at\"") else { return nil }
        guard let time = time(text[...]) else {
            item.mistake("\"digest-at\" \"\(text)\" is no time of day", "Write it like \"17:00\", in quotes.")
            return nil
        }
        if !hours.isEmpty, !hours.contains(where: { $0.opens <= time && time < $0.closes }) {
            item.mistake("\"digest-at\" \"\(text)\" is outside of the working hours", "Choose a time in them.")
        }
        return time
    }

    /// Reads `08:30` as seconds from the beginning of the day.
    private static func time(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), let hour = Int(text.prefix(2)), let minute = Int(text.suffix(2)),
            (0...24).contains(hour), (0..<60).contains(minute), hour < 24 || minute == 0
        else { return nil }
        return hour * 3600 + minute * 60
    }

    /// Reads `08:30-12:00` as two numbers of seconds from the beginning of the day.
    private static func span(_ item: Item, _ what: String) -> (Int, Int)? {
        guard let text = item.text(what) else { return nil }
        let times = text.split(separator: "-", omittingEmptySubsequences: false).map(time)
        guard times.count == 2, let first = times[0], let last = times[1], first != last else {
            item.mistake("\(what) \"\(text)\" is no span of time", "Write it like \"08:30-12:00\", in quotes.")
            return nil
        }
        return (first, last)
    }
}
