import Models
import NIOHTTP1
import ServiceKit
import Testing

/// The county of the stories: the sample county with a member of a unit by name and work at all hours, and for a while with local clocks that leap ahead.
struct StoryCounty {
    /// The head of the public security bureau, below which the traffic police stands.
    static let head = StaffDesk.Person.head("public-security")

    let plain: CountyDefinition

    init(_ house: RunningHouse) async throws {
        let reply = try await house.ask(.GET, "/v1/county/definition", staff: true)
        var definition = try CountyDefinition(canonicalJSON: reply.body)
        for index in definition.units.indices where definition.units[index].code.text == Self.head.unit {
            definition.units[index].members = [UnitMember(person: PersonCode(validated: Self.head.person), role: .unitHead)]
        }
        // Units are urged in working hours and petitioners not in quiet ones: here both at any time, whenever the stories are played.
        definition.quietHours = nil
        definition.workingHours = [WorkingHours(opens: 0, closes: 86_400)]
        let today = definition.offsets.date(at: SystemTime.now)
        for date in (-2...2).map({ today + $0 }) where !definition.overlays.contains(where: { $0.date == date }) {
            definition.overlays.append(CalendarOverlay(date: date, isWorking: true, reason: LocalizedText(zh: "值班", en: "on duty")))
        }
        plain = definition
    }

    func putInForce(_ definition: CountyDefinition, in house: RunningHouse, key: String? = nil) async throws {
        let reply = try await house.ask(
            .PUT, "/v1/county", body: try definition.canonicalJSON(), headers: key.map { ["Idempotency-Key": $0] } ?? [:], staff: true)
        #expect(reply.status == 200, "\(String(decoding: reply.body, as: UTF8.self))")
    }

    /// The county in which a co-handling unit has one day, and the local clocks leap by almost two days at `second`: what begins just before
    /// is due at the leap, a minute later, by the same calendar and the same sweep as everything else.
    ///
    /// The leap is from the westernmost offset that a county can have to the easternmost, so that the day after the one of before is over.
    func leaping(at second: Int64) throws -> CountyDefinition {
        var definition = plain
        definition.offsets = try #require(
            UTCOffsets(zone: "Asia/Shanghai", beginnings: [0, second], seconds: [-86_399, 86_399]))
        for pack in definition.packs.indices {
            for clock in definition.packs[pack].clocks.indices where definition.packs[pack].clocks[clock].name == .coHandle {
                definition.packs[pack].clocks[clock].term = Term(1, .day)
                definition.packs[pack].clocks[clock].ladder = Ladder(
                    warnings: [99], warned: [.officer, .unitHead], atDue: [.officer, .unitHead], afterDue: [])
            }
        }
        return definition
    }
}
