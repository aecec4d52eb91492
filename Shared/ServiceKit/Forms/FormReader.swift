public import Models

/// Takes the members of a JSON object one by one and gathers what is wrong with them.
public struct FormReader {
    private var members: [String: JSONValue]
    private var faults = FaultList()
    private let witness = FormWitness.current
    /// Where the object stands in the body, as a JSON pointer; empty for the body itself.
    public let place: String

    /// Reads a request's body, which is one JSON object; an empty body is an object without members.
    ///
    /// Throws 400 for what is no JSON and 422 for another value.
    public init(body: [UInt8]) throws(Problem) {
        if body.isEmpty {
            self.init([:])
            return
        }
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: body) } catch {
            throw Problem(.malformedRequest, detail: "The body is not acceptable JSON, \(error); send one JSON object in UTF-8.")
        }
        guard case .object(let members) = json else {
            throw Problem(.invalidContent, detail: "The body is \(json.kind); send one JSON object.")
        }
        self.init(members)
    }

    public init(_ members: [String: JSONValue], at place: String = "") {
        self.members = members
        self.place = place
    }

    public mutating func fault(_ pointer: String, _ detail: String) { faults.add(pointer, detail) }

    /// The faults, also those of members that nobody asked for.
    public mutating func finish() -> FaultList {
        // Beyond what is told, nobody cares which names they are: sorting all of a large body would only cost.
        for name in members.keys.prefix(faults.room + 1).sorted() {
            fault("\(place)/\(FaultList.step(name))", "this field is not known; leave it out or correct its name")
        }
        return faults
    }

    /// A text without control characters, unless `hasLines`: then it may have line breaks and tabs.
    public mutating func text(_ name: String, longest: Int, isRequired: Bool, hasLines: Bool = false) -> String? {
        let pointer = "\(place)/\(name)"
        witness?.note(pointer, .text(longest: longest))
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

    /// Whether a text says nothing.
    public static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    public mutating func choice<T: RawRepresentable<String> & CaseIterable>(_ name: String, default standard: T?) -> T? {
        let pointer = "\(place)/\(name)"
        witness?.note(pointer, .words(Self.words(of: T.self)))
        func refuse(_ wrong: String) { fault(pointer, "\(name) is \(wrong) \(Self.words(of: T.self).joined(separator: ", "))") }
        switch members.removeValue(forKey: name) {
        case nil, .null?:
            if standard == nil { refuse("missing; it is one of") }
            return standard
        case .string(let text)?:
            if let value = T(rawValue: text) { return value }
            refuse("none of")
        case let other?: refuse("\(other.kind); it is one of")
        }
        return nil
    }

    private static func words<T: RawRepresentable<String> & CaseIterable>(of type: T.Type) -> [String] { type.allCases.map { $0.rawValue } }

    /// One of the values, or nil when nothing is said.
    public mutating func optionalChoice<T: RawRepresentable<String> & CaseIterable>(_ name: String) -> T? {
        switch members[name] {
        case nil, .null?:
            // Whoever leaves it out is not told that it is missing.
            members[name] = nil
            witness?.note("\(place)/\(name)", .words(Self.words(of: T.self)))
            return nil
        case .some: return choice(name, default: nil)
        }
    }

    public mutating func code<T: Code>(_ name: String) -> T? {
        let text = text(name, longest: 200, isRequired: false)
        witness?.note("\(place)/\(name)", .code)
        guard let text else { return nil }
        if let fault = T.fault(in: text) {
            self.fault("\(place)/\(name)", fault)
            return nil
        }
        return T(validated: text)
    }

    public mutating func flag(_ name: String) -> Bool {
        witness?.note("\(place)/\(name)", .flag)
        switch members.removeValue(forKey: name) {
        case nil, .null?: return false
        case .bool(let value)?: return value
        case let other?:
            fault("\(place)/\(name)", "\(name) is \(other.kind); it is true or false")
            return false
        }
    }

    /// A list of codes; empty when nothing is said.
    public mutating func codes<T: Code>(_ name: String, of type: T.Type = T.self) -> [T] {
        elements(name).enumerated().compactMap { index, element in
            guard case .string(let text) = element else {
                fault("\(place)/\(name)/\(index)", "a \(T.noun) is a string")
                return nil
            }
            if let wrong = T.fault(in: text) { fault("\(place)/\(name)/\(index)", wrong) }
            return T(text)
        }
    }

    /// A code that must be there.
    public mutating func requiredCode<T: Code>(_ name: String) -> T? {
        if (members[name] ?? .null) == .null { fault("\(place)/\(name)", "\(name) is missing; it is a \(T.noun)") }
        return code(name)
    }

    /// A whole number within a range; nil when it is missing and not required.
    public mutating func integer(_ name: String, in range: ClosedRange<Int>, isRequired: Bool) -> Int? {
        witness?.note("\(place)/\(name)", .integer(range))
        switch members.removeValue(forKey: name) {
        case nil, .null?:
            if isRequired {
                fault("\(place)/\(name)", "\(name) is missing; it is a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return nil
        case .integer(let value)? where range.contains(Int(clamping: value)): return Int(clamping: value)
        case .some:
            fault("\(place)/\(name)", "\(name) is no whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
    }

    /// The members of an object within the object; nil when it is missing.
    public mutating func object(_ name: String) -> FormReader? {
        witness?.note("\(place)/\(name)", .object)
        switch members.removeValue(forKey: name) {
        case nil, .null?: return nil
        case .object(let members)?: return FormReader(members, at: "\(place)/\(name)")
        case let other?:
            fault("\(place)/\(name)", "\(name) is \(other.kind); give it as an object")
            return nil
        }
    }

    /// Takes over the faults of a reader of something within.
    public mutating func add(_ other: FaultList) { faults.add(other) }

    /// A time that lies in the past, but not before 1900; a time without an offset is China's.
    public mutating func instant(_ name: String, now: Instant) -> Instant? {
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

    /// The identifier of something, or nil when nothing is said.
    public mutating func identifier<T: Identifier>(_ name: String) -> T? {
        guard let text = text(name, longest: 64, isRequired: false) else { return nil }
        if let value = T(text) { return value }
        fault("\(place)/\(name)", "\(name) is no identifier (a UUID)")
        return nil
    }

    /// The elements of a list; none for a list that is missing.
    public mutating func elements(_ name: String) -> [JSONValue] {
        witness?.note("\(place)/\(name)", .list)
        switch members.removeValue(forKey: name) {
        case nil, .null?: return []
        case .array(let values)?: return values
        case let other?:
            fault("\(place)/\(name)", "\(name) is \(other.kind); give it as an array")
            return []
        }
    }
}
