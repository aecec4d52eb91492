public import Models

/// Writes a calendar in the format of RFC 5545.
///
/// Lines end with CR LF. A line longer than 75 octets is folded, never within a UTF-8 character; a reader that joins lines gets the
/// text back. Instants are written in UTC, so no reader needs a time zone.
public struct ICalendar {
    public private(set) var bytes: [UInt8] = []

    /// The most octets of a line, its end not counted.
    static let longestLine = 75

    /// Begins a calendar that shows as `name`.
    public init(product: String, name: String) {
        line("BEGIN", "VCALENDAR")
        line("VERSION", "2.0")
        line("PRODID", product)
        line("CALSCALE", "GREGORIAN")
        line("METHOD", "PUBLISH")
        text("X-WR-CALNAME", name)
    }

    public mutating func end() { line("END", "VCALENDAR") }

    /// Writes a property whose value is text: commas, semicolons, backslashes and line breaks in it are escaped.
    public mutating func text(_ name: String, _ value: String) { line(name, Self.escaped(value)) }

    public mutating func instant(_ name: String, _ value: Instant) { line(name, Self.spelling(of: value)) }

    /// Writes a property whose value is a whole day.
    public mutating func date(_ name: String, _ value: LocalDate) {
        line("\(name);VALUE=DATE", value.description.filter { $0 != "-" })
    }

    /// Writes a property whose value stands as it is.
    public mutating func line(_ name: String, _ value: String) {
        var length = 0
        for scalar in "\(name):\(value)".unicodeScalars {
            let character = Array(String(scalar).utf8)
            if length + character.count > Self.longestLine {
                bytes.append(contentsOf: "\r\n ".utf8)
                // The space that marks a continuation counts.
                length = 1
            }
            bytes.append(contentsOf: character)
            length += character.count
        }
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// A text as the value of a property; other control characters, which a calendar cannot hold, are left out.
    public static func escaped(_ text: String) -> String {
        var result = ""
        var afterReturn = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", ";", ",": result += "\\\(scalar)"
            case "\r": result += "\\n"
            case "\n": if !afterReturn { result += "\\n" }
            default: if scalar.value >= 0x20, scalar.value != 0x7F { result.unicodeScalars.append(scalar) }
            }
            afterReturn = scalar == "\r"
        }
        return result
    }

    /// `20261124T010000Z`, cut to the second.
    static func spelling(of instant: Instant) -> String {
        // The text of an instant always has the form 2026-11-24T01:00:00.000000Z.
        instant.description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }
}
