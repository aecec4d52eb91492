import Models
import ServiceKit

/// Takes the members of a JSON object one by one and gathers what is wrong with them.
struct FormReader {
    private var members: [String: JSONValue]
    private var faults = FaultList()
    private let place: String

    init(_ members: [String: JSONValue], at place: String = "") {
        self.members = members
        self.place = place
    }

    mutating func fault(_ pointer: String, _ detail: String) { faults.add(pointer, detail) }

    /// The faults, also those of members that nobody asked for.
    mutating func finish() -> FaultList {
        // Beyond what is told, nobody cares which names they are: sorting all of a large body would only cost.
        for name in members.keys.prefix(faults.room + 1).sorted() {
            fault("\(place)/\(FaultList.step(name))", "this field is not known; leave it out or correct its name")
        }
        return faults
    }

    /// A text without control characters, unless `hasLines`: then it may have line breaks and tabs.
    mutating func text(_ name: String, longest: Int, isRequired: Bool, hasLines: Bool = false) -> String? {
        let pointer = "\(place)/\(name)"
        switch members.removeValue(forKey: name) {
        case nil, .null?:
            if isRequired { fault(pointer, "\(name) is missing; give it some text") }
            return nil
        case .string(let text)?:
            if isRequired, Self.isBlank(text) {
                fault(pointer, "\(name) is empty; give it some text")
                return nil
            }
            if text.utf8.count > longest, text.unicodeScalars.count > longest {
                fault(pointer, "\(name) has more than \(longest) characters; shorten it")
                return nil
            }
            // They print as nothing, or as something else than was sent, on every notice and list.
            if text.utf8.contains(where: { $0 < 0x20 && !(hasLines && Self.lineControls.contains($0)) }) {
                fault(pointer, "\(name) has a control character; leave it out")
                return nil
            }
            return text
        case let other?:
            fault(pointer, "\(name) is \(other.kind); give it as a string")
            return nil
        }
    }

    private static let lineControls = Set("\t\n\r".utf8)

    private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    mutating func choice<T: RawRepresentable<String> & CaseIterable>(_ name: String, default standard: T?) -> T? {
        let pointer = "\(place)/\(name)"
        let words = T.allCases.map(\.rawValue).joined(separator: ", ")
        switch members.removeValue(forKey: name) {
        case nil, .null?:
            if standard == nil { fault(pointer, "\(name) is missing; it is one of \(words)") }
            return standard
        case .string(let text)?:
            if let value = T(rawValue: text) { return value }
            fault(pointer, "\(name) is none of \(words)")
        case let other?: fault(pointer, "\(name) is \(other.kind); it is one of \(words)")
        }
        return nil
    }

    mutating func code<T: Code>(_ name: String) -> T? {
        guard let text = text(name, longest: 200, isRequired: false) else { return nil }
        if let fault = T.fault(in: text) {
            self.fault("\(place)/\(name)", fault)
            return nil
        }
        return T(validated: text)
    }

    mutating func flag(_ name: String) -> Bool {
        switch members.removeValue(forKey: name) {
        case nil, .null?: return false
        case .bool(let value)?: return value
        case let other?:
            fault("\(place)/\(name)", "\(name) is \(other.kind); it is true or false")
            return false
        }
    }

    /// A time that lies in the past, but not before 1900; a time without an offset is China's.
    mutating func instant(_ name: String, now: Instant) -> Instant? {
        guard let text = text(name, longest: 64, isRequired: false) else { return nil }
        guard let instant = Instant(text, defaultOffset: .seconds(28_800)) else {
            fault("\(place)/\(name)", "\(name) is no time in RFC 3339, such as 2026-11-24T08:30:00+08:00")
            return nil
        }
        if instant > now + .seconds(86_400) {
            fault("\(place)/\(name)", "\(name) lies in the future; give the time when it happened")
            return nil
        }
        if instant.microseconds < -2_208_988_800_000_000 {
            fault("\(place)/\(name)", "\(name) lies before 1900; give the time when it happened")
            return nil
        }
        return instant
    }

    /// The elements of a list; none for a list that is missing.
    mutating func elements(_ name: String) -> [JSONValue] {
        switch members.removeValue(forKey: name) {
        case nil, .null?: return []
        case .array(let values)?: return values
        case let other?:
            fault("\(place)/\(name)", "\(name) is \(other.kind); give it as an array")
            return []
        }
    }

    mutating func people(_ name: String, most: Int) -> [RegistrationForm.Person] {
        let pointer = "\(place)/\(name)"
        let values = elements(name)
        if values.count > most {
            fault(pointer, "there are more than \(most) petitioners; register the first \(most) and add the others as material")
            return []
        }
        return values.enumerated().map { index, value in person(value, at: "\(pointer)/\(index)") }
    }

    private mutating func person(_ value: JSONValue, at pointer: String) -> RegistrationForm.Person {
        guard case .object(let members) = value else {
            fault(pointer, "a petitioner is \(value.kind); give an object with name, phone or both")
            return .init()
        }
        var reader = FormReader(members, at: pointer)
        let name = reader.text("name", longest: 100, isRequired: false)
        let phone = reader.text("phone", longest: 40, isRequired: false)
        if let phone, !phone.utf8.allSatisfy({ Self.isDigit($0) || " +-()".utf8.contains($0) }) {
            reader.fault("\(pointer)/phone", "phone holds something else than digits, spaces and +-()")
        }
        let faults = reader.finish()
        // A fault of the name or the phone is told already.
        if faults.isEmpty, Self.isBlank(name ?? ""), !(phone ?? "").utf8.contains(where: Self.isDigit) {
            fault(pointer, "a petitioner needs a name, a phone number or both")
        }
        self.faults.add(faults)
        return .init(name: name, phone: phone)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
