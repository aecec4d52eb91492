import Deadline
import Intake
import Models
import Notification
import Routing
import TestSupport
import Testing

@Suite("States that are written and read fast")
struct StateJSONTests {
    static let time: JSONValue = "2026-09-22T05:05:07.410677Z"
    static let words: JSONValue = ["zh": "因为\"规则\"", "en": "by the\trules"]
    static let term: JSONValue = ["count": 3, "unit": "workday"]
    static let life = LifeExample.whole

    private func expectTwins<Value: JSONRecord & Codable & Equatable>(_ type: Value.Type, _ whole: JSONValue) {
        let twins = JSONTwins<Value>(whole)

        #expect(twins.faults.prefix(3) == [])
        #expect(twins.read > 100)
        #expect(twins.refusals > 20)
    }

    @Test("are the life that all services fold")
    func lives() { expectTwins(CaseLife.self, Self.life) }

    @Test("are those of intake")
    func intake() {
        expectTwins(
            CaseFile.self,
            [
                "number": "20260922-000545-7", "registered": Self.time, "title": "道路", "life": Self.life, "topic": "topic-1",
                "urgency": "urgent", "county": "c-1",
                "clocks": [
                    [
                        "name": "handle", "serial": 1, "due": Self.time, "dueDate": "2026-09-22", "provisional": true, "phase": "paused",
                        "isRight": false, "unit": "village-5",
                    ]
                ],
                "receiptOwed": true, "receiptSettled": Self.time, "receiptFailed": true, "completed": Self.time, "petitioners": 2,
                "tags": ["needy", "veteran"],
                "answer": ["claim": "1", "facts": "2", "opinion": "not-support", "conclusion": "3", "basis": "4"], "explanation": "5",
                "answered": Self.time, "outcome": "partly-solved", "additions": 3, "pack": "national", "satisfaction": "unsatisfied",
                "mergedInto": "00000000-0000-7000-8000-00000000000a",
            ])
    }

    @Test("are those of routing")
    func routing() {
        expectTwins(
            RoutingState.self,
            [
                "number": "20260922-000545-7", "title": "道路", "channel": "household-visit", "region": "village-1", "registered": Self.time,
                "county": "c-1", "life": Self.life,
                "assignment": [
                    "rule": "rule-1", "reason": Self.words, "topic": "topic-1", "urgency": "urgent", "pack": "national", "at": Self.time,
                    "sequence": 4,
                    "suggested": [
                        "model": "m1", "given": true, "choices": [["topic": "topic-1", "share": 970, "words": ["路灯"], "against": []]],
                    ],
                    "place": ["region": "village-1", "names": ["石桥"]], "corrected": true,
                ],
                "clocks": [["name": "handle", "serial": 1, "due": Self.time, "isRight": false, "unit": "village-5", "isPaused": true]],
                "objectionEnd": Self.time, "wentBack": true,
            ])
    }

    @Test("are those of deadline")
    func deadline() {
        expectTwins(
            DeadlineState.self,
            [
                "number": "20260922-000545-7", "channel": "letter", "registered": Self.time, "topic": "topic-1", "pack": "national",
                "county": "c-1", "life": Self.life,
                "clocks": [
                    [
                        "name": "handle", "serial": 1, "pack": "national", "from": Self.time, "due": Self.time, "dueDate": "2026-09-22",
                        "provisional": true, "phase": "paused",
                        "pending": [
                            ["index": 0, "kind": ["warning": ["share": 50]], "at": Self.time, "audience": ["officer"], "supervise": false],
                            ["index": 1, "kind": ["due": [:]], "at": Self.time, "audience": ["officer"], "supervise": true],
                            ["index": 2, "kind": ["after": ["_0": Self.term]], "at": Self.time, "audience": [], "supervise": true],
                            ["index": 3, "kind": ["lapse": [:]], "at": Self.time, "audience": [], "supervise": true],
                        ],
                        "unit": "village-5", "task": 1, "extensions": 2, "term": Self.term, "roll": "next-workday",
                        "turns": [
                            [
                                "kind": "extended", "at": Self.time, "by": ["role": "officer", "unit": "village-5", "person": "edu-1"],
                                "reason": Self.words, "term": Self.term, "old": Self.time, "due": Self.time,
                            ]
                        ],
                    ]
                ],
            ])
    }

    @Test("are those of notification")
    func notification() {
        expectTwins(
            NotificationState.self,
            [
                "number": "20260922-000545-7", "life": Self.life, "channel": "hotline", "urgency": "ordinary", "title": "道路",
                "topic": "topic-1", "region": "village-1", "registered": Self.time, "pack": "national",
                "contacts": [["index": 0, "sealed": "abcdef01.xyz"]], "members": [["index": 1, "sealed": "abcdef01./+="]], "county": "c-1",
                "feedEntries": 12, "settled": ["00000000-0000-7000-8000-00000000000a"], "wasUrged": true,
            ])
    }
}
