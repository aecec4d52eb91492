import Models
import ServiceKit

extension FormReader {
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
        if faults.isEmpty, FormReader.isBlank(name ?? ""), !(phone ?? "").utf8.contains(where: Self.isDigit) {
            fault(pointer, "a petitioner needs a name, a phone number or both")
        }
        add(faults)
        return .init(name: name, phone: phone)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
