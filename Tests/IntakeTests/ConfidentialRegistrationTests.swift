import CaseFlow
import Models
import TestSupport
import Testing

@testable import Intake

/// What intake makes of a registration that a rule keeps confidential.
@Suite("A registration that a rule keeps confidential")
struct ConfidentialRegistrationTests {
    private static let open = ClaimKey(digest: [1])
    private static let secret = ClaimKey(digest: [2])
    private let process: IntakeProcess
    private let counties: CountyBook

    init() throws {
        process = IntakeProcess(signer: try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32))))
        var definition = TestCounty.whole()
        definition.rules[2].when.tags = [.leftBehind]
        definition.rules[2].then.confidential = true
        let edition = try CountyBook.Edition(definition)
        var counties = CountyBook()
        counties.add(edition)
        counties.putInForce(edition.index.version)
        self.counties = counties
    }

    private func register(
        _ number: UInt64 = 2, tags: [HouseholdTag]? = nil, accused: CaseRegistered.Accused? = nil, session: Subject? = nil,
        known: [ClaimKey: Claim] = [:], on state: IntakeState? = nil
    ) throws -> Decision {
        let registration = Registration(
            id: CaseID(UniqueID(high: 1, low: number)), serial: Int64(number), code: "CODE", kind: .claim, channel: .web,
            urgency: .ordinary,
            title: "the road", narrative: "n", topic: nil, region: nil, occurred: nil, anonymous: false,
            petitioners: [.init(person: "p", contact: SealedText(text: "s"))], fingerprint: Self.open,
            secretFingerprint: accused == nil ? Self.secret : nil, accused: accused, session: session, tags: tags)
        return try process.decide(
            .register(registration), on: state, in: FlowContext(now: Instant(microseconds: 0), counties: counties, claims: known))
    }

    private func facts(_ decision: Decision) throws -> CaseRegistered { try #require(decision.facts.first as? CaseRegistered) }

    @Test("is marked, and says what the staff know of its petitioners; another is not")
    func marked() throws {
        let (secret, open) = (try register(tags: [.leftBehind]), try register(tags: [.needy]))

        #expect(try facts(secret).confidential == true && facts(secret).tags == [.leftBehind])
        #expect(try facts(open).confidential == nil && facts(open).tags == [.needy])
        #expect(try facts(register()).tags == nil)
        #expect(secret.claims == [Self.secret] && open.claims == [Self.open])
        #expect(try register(tags: [.leftBehind], accused: .init(units: [TestCounty.works])).claims == [Self.open])
    }

    @Test("is no repetition of what was told openly, while what is told openly again is one of it")
    func known() throws {
        let first = try register().answer
        func claim(_ key: ClaimKey) -> [ClaimKey: Claim] {
            [key: Claim(key: key, digest: [], subject: Subject(UniqueID(high: 1, low: 2)), answer: first, expires: nil)]
        }
        func isKnown(_ tags: [HouseholdTag]?, _ key: ClaimKey) throws -> Bool {
            try #require(RegistrationAnswer(bytes: register(3, tags: tags, known: claim(key)).answer)).known
        }

        #expect(try !isKnown([.leftBehind], Self.open) && isKnown([.leftBehind], Self.secret))
        #expect(try isKnown(nil, Self.open) && isKnown(nil, Self.secret))
    }

    @Test("whose answer was lost has the receipt that it had, and is no repetition of itself")
    func lost() throws {
        let first = try register(tags: [.leftBehind])
        let claim = Claim(
            key: Self.secret, digest: [], subject: Subject(UniqueID(high: 1, low: 2)), answer: first.answer, expires: nil)
        let event = try CaseEvent(
            id: EventID(UniqueID(high: 1, low: 9)), source: .intake, subject: claim.subject, type: CaseRegistered.type,
            version: CaseRegistered.version, time: Instant(microseconds: 0), sequence: 1, after: SourcePositions(),
            county: try #require(counties.current).index.version, traceparent: nil, stating: try facts(first))
        var state: IntakeState?
        _ = try process.apply(event, to: &state, in: FlowContext(now: Instant(microseconds: 0), counties: counties))

        let unseen = try register(tags: [.leftBehind], known: [Self.secret: claim])
        let seen = try register(tags: [.leftBehind], known: [Self.secret: claim], on: state)

        // A store that has not looked for the case finds it when these facts are to be saved, and asks again.
        #expect(unseen.facts.count == 1 && seen.facts.isEmpty)
        let answer = try #require(RegistrationAnswer(bytes: seen.answer))
        #expect(!answer.known && seen.answer == first.answer)
    }
}
