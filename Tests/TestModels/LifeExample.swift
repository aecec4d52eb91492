import Models

/// The life of a case as it is stored, for tests of what is stored.
public enum LifeExample {
    /// Nothing is missing in it.
    public static let whole: JSONValue = [
        "kind": "accusation", "accused": ["units": ["village-1"], "persons": ["someone"]], "desk": "desk", "isAnonymous": true,
        "onTheSpot": true, "marked": true, "intake": ["stage": "registered", "sequence": 1, "known": 2], "settledBy": "village-2",
        "reviewing": "village-3", "servedKnowing": 3, "heardKnowing": 4, "intakeSequence": 5,
        "routing": ["stage": "answered", "sequence": 6, "known": 7], "assigned": "village-4", "officer": "somebody", "handOffs": 8,
        "coHandlers": [["unit": "village-5", "phase": "asked"]], "objection": ["unit": "village-4", "proposed": "village-5"],
        "declined": ["village-0"], "recused": ["another"], "leader": "leader-1",
        "assistance": [["serial": 1, "unit": "village-5", "isOpen": true]], "answer": "finalReview", "answerSequence": 9,
        "successions": [["from": "village-0", "to": "village-1", "sequence": 10]], "routingSequence": 11,
    ]
}
