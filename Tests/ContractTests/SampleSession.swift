import CaseFlow
import Models
import TestSupport
import Testing

@testable import Intake

/// A session in whose record something of everything stands.
struct SampleSession {
    static let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0077))
    /// 2026-11-24, 09:00 in China.
    static let starts = Instant(microseconds: 1_795_482_000_000_000)

    let seal: SealKey
    let county: CountyIndex
    private(set) var answers: [JSONValue] = []
    private var state: IntakeState?

    init() throws {
        seal = try #require(SealKey(secret: [UInt8](repeating: 7, count: 32)))
        let edition = try CountyBook.Edition(TestCounty.definition())
        county = edition.index
        var counties = CountyBook()
        counties.add(edition)
        counties.putInForce(edition.index.version)
        let process = IntakeProcess(signer: try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32))))
        let context = FlowContext(now: Self.starts, counties: counties)
        let (by, entry) = (SampleCase.clerk, EntryID(UniqueID(high: 1, low: 2)))
        let orders: [SessionOrder] = [
            .plan(
                SessionPlanned(
                    by: by, kind: .reception, leader: PersonCode(validated: "leader-1"), unit: TestCounty.county, level: .county,
                    office: "县长", place: "桥头村", starts: Self.starts, ends: Self.starts + .seconds(7200), units: [TestCounty.roads])),
            .publish, .queue(contact: try seal.seal(VisitorContact(name: "Li Dashan", phone: "000 1111 2222"))), .open(at: nil),
            .attend(unit: TestCounty.roads, person: nil, present: true), .explain(title: "seed", reached: 3),
        ]
        var sequence: Int64 = 0
        for order in orders {
            let command = SessionCommand(order, on: Self.subject, by: by, entry: order.step == .queue ? entry : nil)
            let decision = try process.decide(.session(command), on: state, in: context)
            answers.append(try JSONValue(parsing: decision.answer))
            for facts in decision.facts {
                sequence += 1
                let event = try CaseEvent(
                    id: EventID(UniqueID(high: 3, low: UInt64(sequence))), source: .intake, subject: Self.subject,
                    type: type(of: facts).type, version: 1, time: context.now, sequence: sequence, after: SourcePositions(),
                    county: county.version, traceparent: nil, stating: facts)
                _ = try process.apply(event, to: &state, in: context)
            }
        }
    }

    /// The record, with a region and a household in it: the test county has none.
    var record: SessionRecord {
        get throws {
            var record = try #require(state?.session)
            record.region = RegionCode(validated: "daping")
            record.households = [.init(region: RegionCode(validated: "daping"), tags: [.needy], contactPoint: nil, note: nil)]
            return record
        }
    }
}
