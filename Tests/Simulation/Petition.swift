import CaseFlow
import Intake
import Models
import TestModels

/// What somebody wants registered, with what they were answered.
struct Petition {
    let number: Int
    let registration: Registration
    let key: ClaimKey
    /// Every receipt that was given for it; all of them must be the same.
    var receipts: [Receipt] = []

    var receipt: Receipt? { receipts.first }

    /// A word in everything that the petitioner wrote, which must stand nowhere it is not meant to.
    static let marker = "zeugma"

    /// The numbers of the petitions whose words stand in `bytes`.
    static func marks(in bytes: [UInt8]) -> Set<Int> {
        let word = Array(marker.utf8)
        guard bytes.count > word.count, let first = word.first else { return [] }
        var found: Set<Int> = []
        for start in 0..<(bytes.count - word.count) where bytes[start] == first && bytes[start..<start + word.count].elementsEqual(word) {
            let digits = bytes[(start + word.count)...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            found.insert(Int(String(decoding: digits, as: UTF8.self)) ?? -1)
        }
        return found
    }

    /// Draws the petition of a number, the same whatever other petitions there are.
    ///
    /// Every fifth repeats the one before it word by word.
    init(_ number: Int, seed: UInt64, people: SimulatedPeople) {
        self.number = number
        key = ClaimKey(digest: Array("key \(number)".utf8))
        let original = number > 0 && number % 5 == 0 ? number - 1 : number
        var random = SeededRandom(seed: seed ^ 0x9E77_1710 &+ UInt64(original))
        func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
        func chance(_ percent: Int) -> Bool { pick(100) < percent }
        let words = ["the school roof leaks", "a hole in the road", "there is a fire", "who can help me"]
        let title = "\(words[pick(words.count)]) \(Self.marker)\(original)"
        let anonymous = chance(20)
        let person = "person-\(Self.marker)\(original)"
        let accused = chance(20) ? CaseRegistered.Accused(units: [people.units[pick(people.units.count)]]) : nil
        let settlement =
            chance(10) ? Registration.Settlement(by: people.clerk, unit: TestCounty.works, answer: people.answer) : nil
        var petitioners = anonymous ? [] : [CaseRegistered.Petitioner(person: person, contact: SealedText(text: "sealed"))]
        if !anonymous, chance(20) {
            petitioners = (0..<3).map {
                .init(person: "\(person)-\($0)", contact: SealedText(text: "sealed"), represents: $0 < 2 ? true : nil)
            }
        }
        registration = Registration(
            id: CaseID(UniqueID(high: 0, low: 0)), serial: Int64(number + 1), code: "CODE\(number)",
            kind: CaseKind.allCases[pick(CaseKind.allCases.count)],
            channel: Channel.allCases[pick(Channel.allCases.count)], urgency: chance(20) ? .emergency : .ordinary,
            title: title, narrative: title, topic: nil, region: nil, occurred: nil, anonymous: anonymous,
            petitioners: petitioners, fingerprint: anonymous ? nil : ClaimKey(digest: Array("\(person) \(title)".utf8)),
            // Some accuse a unit, some are settled where they are raised.
            accused: accused, settlement: accused == nil ? settlement : nil)
    }
}
