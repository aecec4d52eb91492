import Models
import ServiceKit

extension FormReader {
    /// A UUID; nil when it is missing.
    mutating func identifier(_ name: String, isRequired: Bool = false) -> UniqueID? {
        guard let text = text(name, longest: 100, isRequired: isRequired) else { return nil }
        if let id = UniqueID(text) { return id }
        fault("\(place)/\(name)", "\(name) is no UUID of 36 characters")
        return nil
    }

    /// A time of a session, past or to come; a time without an offset is China's.
    mutating func moment(_ name: String, isRequired: Bool) -> Instant? {
        guard let text = text(name, longest: 64, isRequired: isRequired) else { return nil }
        guard let instant = Instant(text, defaultOffset: .seconds(28_800)) else {
            fault("\(place)/\(name)", "\(name) is no time in RFC 3339, such as 2026-11-24T08:30:00+08:00")
            return nil
        }
        // 2000-01-01 to 2100-01-01.
        guard (946_684_800_000_000..<4_102_444_800_000_000).contains(instant.microseconds) else {
            fault("\(place)/\(name)", "\(name) lies before 2000 or after 2099; correct the year")
            return nil
        }
        return instant
    }

    /// A list of codes, each once.
    mutating func codes<C: Code>(_ name: String, most: Int) -> [C] {
        list(name, most: most) { text in
            if let fault = C.fault(in: text) { return .failure(FieldFault(detail: fault)) }
            return .success(C(validated: text))
        }
    }

    /// A list of the words of an enumeration, each once.
    mutating func words<W: RawRepresentable<String> & CaseIterable & Hashable>(_ name: String, _ type: W.Type) -> [W] {
        let known = W.allCases.map(\.rawValue).joined(separator: ", ")
        return list(name, most: W.allCases.count) { text in
            W(rawValue: text).map { .success($0) } ?? .failure(FieldFault(detail: "this is none of \(known)"))
        }
    }

    private mutating func list<T: Hashable>(_ name: String, most: Int, _ read: (String) -> Result<T, FieldFault>) -> [T] {
        let elements = elements(name)
        if elements.count > most {
            fault("\(place)/\(name)", "\(name) has more than \(most) elements; leave some out")
            return []
        }
        var values: [T] = []
        for (index, element) in elements.enumerated() {
            let pointer = "\(place)/\(name)/\(index)"
            guard case .string(let text) = element else {
                fault(pointer, "this is \(element.kind); give it as a string")
                continue
            }
            switch read(text) {
            case .failure(let error): fault(pointer, error.detail)
            case .success(let value) where values.contains(value): fault(pointer, "this stands here twice; leave one out")
            case .success(let value): values.append(value)
            }
        }
        return values
    }
}

/// What is wrong with one element of a list.
private struct FieldFault: Error {
    var detail: String
}
