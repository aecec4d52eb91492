import CaseFlow
import Models
import ServiceKit
import TestSupport
import Testing

@testable import Intake

@Suite("The roster")
struct RosterTests {
    private func roster(_ records: [SessionRecord]) throws -> Roster {
        let county = try #require(PlayedSession.counties().current?.index)
        return Roster(records.map { .init(id: PlayedSession.subject, record: $0) }, county: county)
    }

    private func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// What a reader of calendars makes of folded lines, octet by octet: a fold may stand before a combining mark.
    private func unfolded(_ bytes: [UInt8]) -> String {
        var joined: [UInt8] = []
        for byte in bytes {
            if byte == UInt8(ascii: " "), joined.suffix(2) == [0x0D, 0x0A] { joined.removeLast(2) } else { joined.append(byte) }
        }
        return String(decoding: joined, as: UTF8.self)
    }

    @Test("is a calendar with instants in UTC, identifiers and the office, but no staff number")
    func calendar() throws {
        let calendar = try roster([PlayedSession(at: .published).record]).calendar(.zh).bytes

        let found = lines(calendar)
        #expect(found.first == "BEGIN:VCALENDAR")
        #expect(found.suffix(2) == ["END:VCALENDAR", ""])
        for line in [
            "UID:\(PlayedSession.subject)@test-county.huiyin", "DTSTAMP:20261124T010000Z", "DTSTART:20261124T010000Z",
            "DTEND:20261124T040000Z", "SEQUENCE:1", "LOCATION:桥头村", "STATUS:CONFIRMED", "SUMMARY:领导接访：county 县长",
        ] {
            #expect(unfolded(calendar).contains("\r\n\(line)\r\n"), "\(line)")
        }
        #expect(!unfolded(calendar).contains("l-1"))
        #expect(try !roster([PlayedSession(at: .published).record]).json.text.contains("l-1"))
    }

    @Test("shows what was published, also when it was cancelled later, and nothing else")
    func published() throws {
        var cancelled = try PlayedSession(at: .published)
        try cancelled.give(.cancel(reason: "张三 is ill"))

        let shown = try roster([cancelled.record, PlayedSession(at: .planned).record, PlayedSession(at: .open).record])

        #expect(shown.entries.count == 1)
        #expect(unfolded(shown.calendar(.en).bytes).contains("\r\nSTATUS:CANCELLED\r\n"))
        #expect(!unfolded(shown.calendar(.en).bytes).contains("张三"))
        #expect(!shown.json.text.contains("张三"))
    }

    @Test("folds lines at 75 octets and never within a character", arguments: 0..<8)
    func folding(offset: Int) throws {
        let text = String(repeating: "a", count: offset) + String(repeating: "下基层👨‍👩‍👧é", count: 40)
        var calendar = ICalendar(product: "p", name: "n")
        calendar.text("SUMMARY", text)

        let all = calendar.bytes.split(separator: UInt8(ascii: "\n"))
        #expect(all.allSatisfy { $0.last == UInt8(ascii: "\r") && $0.count - 1 <= 75 })
        #expect(all.allSatisfy { String(validating: $0, as: UTF8.self) != nil })
        #expect(all.contains { $0.count - 1 > 71 })
        #expect(unfolded(calendar.bytes).contains("SUMMARY:\(text)\r\n"))
    }

    @Test(
        "escapes what has a meaning in a calendar",
        arguments: [
            ("a,b;c\\d", "a\\,b\\;c\\\\d"), ("一\n二\r\n三\r四", "一\\n二\\n三\\n四"), ("\u{7}a\u{0}b\u{7F}", "ab"), ("全角，；", "全角，；"),
            (",\u{301}", "\\,\u{301}"),
        ])
    func escaping(text: String, escaped: String) {
        #expect(ICalendar.escaped(text).unicodeScalars.elementsEqual(escaped.unicodeScalars))
    }

    @Test("has no line that a place could smuggle in")
    func injection() throws {
        var session = try PlayedSession(at: .published)
        try session.give(.change(SessionChanged(by: PlayedSession.clerk, place: "x\r\nATTENDEE:y", reason: "r")))

        #expect(try !lines(roster([session.record]).calendar(.zh).bytes).contains { $0.hasPrefix("ATTENDEE") })
    }
}
