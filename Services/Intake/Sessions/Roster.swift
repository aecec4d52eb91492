import Models
import ServiceKit

/// The public roster (公示) of sessions: when, where and with whom, and nothing of any person.
struct Roster: Sendable {
    struct Entry: Sendable {
        var id: Subject
        var record: SessionRecord
    }

    let entries: [Entry]
    let county: CountyIndex

    /// Takes the sessions of `entries` that were published; one that is cancelled stays, so that nobody goes there in vain.
    init(_ entries: [Entry], county: CountyIndex) {
        self.entries = entries.filter { $0.record.published != nil }
        self.county = county
    }

    var json: JSONValue {
        .object([
            "county": Self.both(county.definition.name),
            "sessions": .array(
                entries.map { entry in
                    let record = entry.record
                    return .object([
                        "id": .string(entry.id.description), "kind": .string(record.kind.rawValue), "kindName": Self.both(record.kind.name),
                        "phase": .string(record.phase.rawValue), "phaseName": Self.both(record.phase.name),
                        "level": .string(record.level.rawValue), "unit": unit(record.unit), "units": .array(record.units.map(unit)),
                        "office": record.office.map { .string($0) } ?? .null, "place": .string(record.place),
                        "region": record.region.map(region) ?? .null, "starts": .string(record.starts.description),
                        "ends": .string(record.ends.description),
                    ])
                }),
        ])
    }

    /// The roster as a calendar that people subscribe to.
    func calendar(_ language: Language) -> ICalendar {
        var calendar = ICalendar(
            product: "-//Huiyin//Roster//\(language.rawValue.uppercased())",
            name: county.definition.name[language] + (language == .zh ? "下基层公示" : ": leaders at the grassroots"))
        for entry in entries {
            let record = entry.record
            calendar.line("BEGIN", "VEVENT")
            calendar.line("UID", "\(entry.id)@\(county.definition.code).huiyin")
            calendar.instant("DTSTAMP", record.issued)
            calendar.instant("LAST-MODIFIED", record.issued)
            calendar.line("SEQUENCE", "\(record.issue)")
            calendar.instant("DTSTART", record.starts)
            calendar.instant("DTEND", record.ends)
            calendar.text("SUMMARY", summary(record, language))
            calendar.text("LOCATION", record.place)
            if !record.units.isEmpty {
                let units = record.units.map { name(of: $0)[language] }.joined(separator: language == .zh ? "、" : ", ")
                calendar.text("DESCRIPTION", (language == .zh ? "参加单位：" : "Units present: ") + units)
            }
            calendar.line("STATUS", record.phase == .cancelled ? "CANCELLED" : "CONFIRMED")
            calendar.line("END", "VEVENT")
        }
        calendar.end()
        return calendar
    }

    private func summary(_ record: SessionRecord, _ language: Language) -> String {
        let leader = name(of: record.unit)[language] + (record.office.map { " " + $0 } ?? "")
        return language == .zh ? "\(record.kind.name.zh)：\(leader)" : "\(record.kind.name.en): \(leader)"
    }

    private func name(of unit: UnitCode) -> LocalizedText { county.unit(unit)?.name ?? LocalizedText(zh: unit.text, en: unit.text) }

    private func unit(_ code: UnitCode) -> JSONValue { .object(["code": .string(code.text), "name": Self.both(name(of: code))]) }

    private func region(_ code: RegionCode) -> JSONValue {
        let name = county.region(code)?.name ?? LocalizedText(zh: code.text, en: code.text)
        return .object(["code": .string(code.text), "name": Self.both(name)])
    }

    private static func both(_ text: LocalizedText) -> JSONValue { .object(["zh": .string(text.zh), "en": .string(text.en)]) }
}
