import Models

/// Makes sure that exactly one pack fits every case best, and that a clock runs under each from the beginning.
enum PackFit {
    static func check(_ packs: [(pack: RulePack, place: Place)], topics: CodeTree<TopicCode>?, notes: CompilerNotes) {
        for (position, later) in packs.enumerated() {
            for earlier in packs[..<position]
            where meet(earlier.pack.effective, later.pack.effective) && collide(earlier.pack.applies, later.pack.applies, topics) {
                let what =
                    later.pack.applies.weight == 0
                    ? "\(later.pack.code) and \(earlier.pack.code) are both without conditions"
                    : "the packs \(later.pack.code) and \(earlier.pack.code) fit some cases equally well"
                notes.mistake(later.place, what, "Add a condition to \"applies\" of one of them (the other is in \(earlier.place.file)).")
            }
        }
        if !packs.isEmpty, !packs.contains(where: { $0.pack.applies.weight == 0 && $0.pack.effective == nil }), let last = packs.last {
            notes.mistake(
                last.place, "every pack has conditions, so some cases would have no clocks",
                "Leave \"applies\" and \"effective\" out in the pack for all others.")
        }
    }

    /// Reports the packs that leave a case without a clock, for the kinds that they or the rules give them.
    static func checkClocks(_ packs: [(pack: RulePack, place: Place)], rules: [Rule], notes: CompilerNotes) {
        for (pack, place) in packs where !notes.packsInDoubt.contains(pack.code) {
            for kind in pack.kinds(under: rules) {
                guard let event = pack.eventsWithoutClock(for: kind).first else { continue }
                notes.mistake(
                    place, "\(pack.code) has no clock that runs for \(kind.rawValue) after \(event), when its next step is owed",
                    "Add a clock with \"from: \(event)\" and a term.")
                break
            }
            let kinds = pack.kinds(under: rules).filter { !pack.keepsClock(for: $0) }
            if kinds.isEmpty { continue }
            let names = kinds.count == CaseKind.allCases.count ? "any case" : kinds.map(\.rawValue).joined(separator: ", ")
            notes.mistake(
                place, "\(pack.code) has no clock that runs from the registration of \(names)",
                "Add a clock with \"from: case.registered\" and a term that does not end with case.assigned.")
        }
    }

    /// Whether neither goes before the other by its days: both are meant for all, or for days that overlap.
    private static func meet(_ first: PackDays?, _ second: PackDays?) -> Bool {
        switch (first, second) {
        case (nil, nil): true
        case (let first?, let second?): first.overlaps(second)
        default: false
        }
    }

    /// Whether a case can fulfil both while neither has more conditions.
    private static func collide(_ first: PackConditions, _ second: PackConditions, _ topics: CodeTree<TopicCode>?) -> Bool {
        func meet<T: Equatable>(_ first: [T], _ second: [T]) -> Bool {
            first.isEmpty || second.isEmpty || first.contains { second.contains($0) }
        }
        let topicsMeet =
            first.topics.isEmpty || second.topics.isEmpty
            || first.topics.contains { one in
                second.topics.contains { other in
                    one == other || topics.map { $0.isWithin(one, other) || $0.isWithin(other, one) } ?? false
                }
            }
        return first.weight == second.weight && meet(first.kinds, second.kinds) && meet(first.channels, second.channels)
            && meet(first.urgencies, second.urgencies) && topicsMeet
    }
}
