import Models
import TestSupport
import Testing

@Suite("Facts that are written and read fast")
struct JSONFactsTests {
    static let person: JSONValue = ["role": "unit-head", "unit": "village-7", "person": "edu-1"]
    static let words: JSONValue = ["zh": "因为\"规则\"", "en": "by the\trules"]
    static let time: JSONValue = "2026-09-22T05:05:07.410677Z"
    static let term: JSONValue = ["count": 3, "unit": "workday"]
    static let id: JSONValue = "00000000-0000-7000-8000-00000000000a"

    private func expectTwins<Value: JSONRecord & Codable & Equatable>(_ type: Value.Type, _ whole: JSONValue, refusals: Int = 10) {
        let twins = JSONTwins<Value>(whole)

        #expect(twins.faults.prefix(3) == [])
        #expect(twins.read > 100)
        #expect(twins.refusals > refusals)
    }

    @Test("are those of a registration")
    func registered() {
        expectTwins(
            CaseRegistered.self,
            [
                "number": "20260922-000545-7", "kind": "claim", "channel": "on-site", "urgency": "urgent", "title": "路灯\n",
                "narrative": "坏了",
                "topic": "topic-1", "region": "village-1", "occurred": Self.time, "anonymous": false,
                "petitioners": [
                    ["person": "p1", "contact": "abcdef01.xyz", "represents": true],
                    ["person": "p2", "contact": "abcdef01./+=", "represents": false],
                ],
                "registered": Self.time, "receipt": "00ff", "accused": ["units": ["village-2", "village-3"], "persons": ["edu-1"]],
                "onTheSpot": true, "statusToAll": false, "session": Self.id, "follows": Self.id, "tags": ["needy", "veteran"],
                "confidential": true, "likes": 12,
            ], refusals: 30)
        expectTwins(PetitionerContact.self, ["name": "张三", "phone": "1", "email": "a@b", "address": "村口", "code": "CODE"], refusals: 5)
    }

    @Test("are those of an assignment")
    func assigned() {
        expectTwins(
            CaseAssigned.self,
            [
                "unit": "village-7", "rule": "rule-1", "reason": Self.words, "topic": "topic-1", "urgency": "emergency", "pack": "national",
                "previous": "desk", "handOffs": 2, "by": Self.person, "place": ["region": "village-1", "names": ["石桥", "老石桥村"]],
                "suggested": [
                    "model": "m1", "given": true, "choices": [["topic": "topic-1", "share": 970, "words": ["路灯"], "against": ["x", "y"]]],
                ],
            ], refusals: 20)
        expectTwins(CoHandlingAssigned.self, ["by": Self.person, "unit": "village-5", "task": "帮忙", "workdays": 5])
        expectTwins(AnswerText.self, ["claim": "1", "facts": "2", "opinion": "not-support", "conclusion": "3", "basis": "4"], refusals: 5)
    }

    @Test("are those of clocks")
    func clocks() {
        expectTwins(
            ClockStarted.self,
            [
                "clock": "handle", "serial": 1, "pack": "national", "from": Self.time, "due": Self.time, "dueDate": "2026-11-21",
                "provisional": false, "citation": Self.words, "unit": "village-5", "task": 2, "term": Self.term,
            ], refusals: 20)
        expectTwins(
            ClockWarned.self,
            [
                "clock": "handle", "serial": 1, "rung": 0, "share": 50, "at": Self.time, "due": Self.time,
                "audience": ["officer", "unit-head"], "unit": "village-5", "lead": "village-6", "told": ["desk", "village-7"],
            ])
        expectTwins(
            ClockPassed.self,
            [
                "clock": "handle", "serial": 1, "rung": 0, "daysLate": 3, "at": Self.time, "due": Self.time, "audience": ["leader"],
                "unit": "village-5", "lead": "village-6", "supervise": true, "told": ["desk"], "next": Self.time, "after": Self.term,
            ], refusals: 20)
        expectTwins(ClockMet.self, ["clock": "handle", "serial": 1, "by": Self.id], refusals: 3)
        expectTwins(ClockLapsed.self, ["clock": "handle", "serial": 1, "reason": Self.words, "at": Self.time], refusals: 5)
    }

    @Test("are those of notices")
    func notices() {
        for recipient: JSONValue in ["petitioner", "petitioner-2", "member-9", "unit:edu", "person:edu-1"] {
            expectTwins(
                NoticeFailed.self,
                ["notice": Self.id, "template": "receipt", "recipient": recipient, "by": "file", "attempts": 3, "reason": "no\\way"],
                refusals: 5)
            expectTwins(
                NoticeDelivered.self, ["notice": Self.id, "template": "receipt", "recipient": recipient, "by": "file", "attempts": 1],
                refusals: 5)
        }
    }

    @Test("hold rungs of every kind")
    func rungs() {
        for kind: JSONValue in [["warning": ["share": 50]], ["due": [:]], ["after": ["_0": Self.term]], ["lapse": [:]]] {
            expectTwins(Rung.self, ["index": 2, "kind": kind, "at": Self.time, "audience": ["officer"], "supervise": true], refusals: 5)
        }
    }
}
