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
        let people = values.enumerated().map { index, value in person(value, at: "\(pointer)/\(index)") }
        if people.count(where: \.represents) > Self.mostRepresentatives {
            fault(
                pointer,
                "more than \(Self.mostRepresentatives) petitioners are marked as representatives; a joint petition has at most that many (Article 20)"
            )
        }
        return people
    }

    /// How many represent a joint petition at most (Article 20).
    static var mostRepresentatives: Int { 5 }

    /// Whom a case accuses: an array of objects that name a unit or a person of the county.
    mutating func accused(_ name: String) -> CaseRegistered.Accused? {
        let values = elements(name)
        if values.isEmpty { return nil }
        if values.count > 100 {
            fault("\(place)/\(name)", "there are more than 100 accused; name the units that they act for")
            return nil
        }
        var accused = CaseRegistered.Accused()
        for (index, value) in values.enumerated() {
            let pointer = "\(place)/\(name)/\(index)"
            guard case .object(let members) = value else {
                fault(pointer, "an accused is \(value.kind); give an object with unit or person")
                continue
            }
            var reader = FormReader(members, at: pointer)
            let (unit, person): (UnitCode?, PersonCode?) = (reader.code("unit"), reader.code("person"))
            let faults = reader.finish()
            if faults.isEmpty, unit == nil, person == nil { fault(pointer, "an accused needs unit, person or both") }
            add(faults)
            if let unit { accused.units.append(unit) }
            if let person { accused.persons.append(person) }
        }
        return accused
    }

    private mutating func person(_ value: JSONValue, at pointer: String) -> RegistrationForm.Person {
        guard case .object(let members) = value else {
            fault(pointer, "a petitioner is \(value.kind); give an object with name, phone or both")
            return .init()
        }
        var reader = FormReader(members, at: pointer)
        var person = reader.personFields()
        person.represents = reader.flag("represents")
        let faults = reader.finish()
        // A fault of the name or the phone is told already.
        if faults.isEmpty, FormReader.isBlank(person.name ?? ""), !(person.phone ?? "").utf8.contains(where: Self.isDigit) {
            fault(pointer, "a petitioner needs a name, a phone number or both")
        }
        add(faults)
        return person
    }

    /// The name of a person and how they are reached.
    mutating func personFields() -> RegistrationForm.Person {
        let name = text("name", longest: 100, isRequired: false)
        let phone = text("phone", longest: 40, isRequired: false)
        if let phone, !phone.utf8.allSatisfy({ Self.isDigit($0) || " +-()".utf8.contains($0) }) {
            fault("\(place)/phone", "phone holds something else than digits, spaces and +-()")
        }
        let email = text("email", longest: MailAddress.longest, isRequired: false)
        if let email, !MailAddress.isWellFormed(email) {
            fault("\(place)/email", "email is no mail address; write it like li.hua@example.org or leave it out")
        }
        let address = text("address", longest: 200, isRequired: false)
        return .init(name: name, phone: phone, email: email, address: address)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}

extension RegistrationForm.Person {
    /// The person as events carry one: a keyed hash that is the same for the same person, and the rest sealed together with the case's
    /// query code.
    func sealed(with seal: SealKey, code: String) throws -> CaseRegistered.Petitioner {
        CaseRegistered.Petitioner(
            person: hash(with: seal),
            contact: try seal.seal(PetitionerContact(name: name, phone: phone, email: email, address: address, code: code)),
            represents: represents ? true : nil)
    }

    /// A keyed hash that is the same for the same name and phone number.
    func hash(with seal: SealKey) -> String { hexadecimal(seal.hash("person", name ?? "", phone ?? "")) }
}
