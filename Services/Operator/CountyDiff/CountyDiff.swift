import Models

/// What is different between two county definitions (县域配置), one sentence for each difference.
///
/// It compares what the definitions mean: the order of units, topics and regions says nothing, that of rules does.
public struct CountyDiff: Sendable {
    public private(set) var changes: [CountyChange] = []

    public init(from old: CountyDefinition, to new: CountyDefinition) {
        compareCounty(old, new)
        compareUnits(old, new)
        compareTree(
            .regions, "region", old.regions.map { ($0.code.text, $0.name, $0.parent?.text) },
            new.regions.map { ($0.code.text, $0.name, $0.parent?.text) })
        compareTree(
            .topics, "topic", old.topics.map { ($0.code.text, $0.name, $0.parent?.text) },
            new.topics.map { ($0.code.text, $0.name, $0.parent?.text) })
        compareRules(old.rules, new.rules)
        comparePacks(old.packs, new.packs)
        compareCalendar(old, new)
        compareTemplates(old.templates, new.templates)
        compareDuties(old.duties, new.duties)
    }

    /// The codes of what is different in one part.
    public func codes(in part: CountyChange.Part) -> Set<String> { Set(changes.filter { $0.part == part }.map(\.code)) }

    private mutating func add(_ part: CountyChange.Part, _ kind: CountyChange.Kind, _ code: String, _ sentence: String) {
        changes.append(CountyChange(part: part, kind: kind, code: code, sentence: sentence))
    }

    private mutating func compareCounty(_ old: CountyDefinition, _ new: CountyDefinition) {
        let code = new.code.text
        if old.code != new.code {
            add(.county, .changed, code, "The county's code was \(old.code) and is \(new.code): this is another county.")
        }
        if old.name != new.name { add(.county, .renamed, code, "The county was called \(old.name.both) and is called \(new.name.both).") }
        if old.desk != new.desk { add(.county, .changed, code, "The dispatch desk was \(old.desk) and is \(new.desk).") }
        if old.standbyDesk != new.standbyDesk {
            add(.county, .changed, code, "The standby desk was \(old.standbyDesk) and is \(new.standbyDesk).")
        }
        if old.quietHours != new.quietHours {
            add(.county, .changed, code, "Quiet hours were \(Spoken.hours(old.quietHours)) and are \(Spoken.hours(new.quietHours)).")
        }
        if old.topicPrecision != new.topicPrecision {
            func words(_ precision: Int?) -> String { precision.map { "\($0) % of them must be right" } ?? "never" }
            add(
                .county, .changed, code,
                "Topics were given without a person: \(words(old.topicPrecision)); and are: \(words(new.topicPrecision)).")
        }
        if old.hotIssues != new.hotIssues { add(.county, .changed, code, "What makes an issue hot has changed.") }
        if old.digestAt != new.digestAt { add(.county, .changed, code, "Leaders get their digest at another time.") }
    }

    private mutating func compareUnits(_ old: CountyDefinition, _ new: CountyDefinition) {
        let pairs = Pairs(old.units, new.units, \.code)
        for unit in pairs.removed {
            add(.units, .removed, unit.code.text, "Unit \(unit.code) (\(unit.name.both)) is gone.")
        }
        for unit in pairs.added {
            add(.units, .added, unit.code.text, "Unit \(unit.code) (\(unit.name.both)) is new, below \(unit.parent?.text ?? "nobody").")
        }
        for (before, after) in pairs.kept where before != after {
            let code = after.code.text
            if before.name != after.name {
                add(.units, .renamed, code, "Unit \(code) was called \(before.name.both) and is called \(after.name.both).")
            }
            if before.parent != after.parent {
                add(
                    .units, .moved, code,
                    "Unit \(code) moves from \(before.parent?.text ?? "the top") to \(after.parent?.text ?? "the top").")
            }
            if before.successor != after.successor {
                let day = after.ended.map { " on \($0)" } ?? ""
                let sentence =
                    after.successor.map { "Unit \(code) ends\(day); \($0) takes over its duties (Article 24)." }
                    ?? "Unit \(code) exists again."
                add(.units, .succeeded, code, sentence)
            }
            var (same, rest) = (before, after)
            (same.name, same.parent, same.successor) = (rest.name, rest.parent, rest.successor)
            if before.successor != after.successor { same.ended = rest.ended }
            (same.members, rest.members) = (nil, nil)
            for words in FieldDiff.words(from: same, to: rest) { add(.units, .changed, code, "Unit \(code): \(words).") }
            let (leaving, coming) = (Set((before.members ?? []).map(\.bare)), Set((after.members ?? []).map(\.bare)))
            for member in leaving.subtracting(coming).sorted(by: { $0.person < $1.person }) {
                add(.units, .changed, code, "Unit \(code): \(member.person) is no \(member.role.rawValue) of it any more.")
            }
            for member in coming.subtracting(leaving).sorted(by: { $0.person < $1.person }) {
                add(.units, .changed, code, "Unit \(code): \(member.person) is \(member.role.rawValue) of it.")
            }
            let moved = Set(after.members ?? []).subtracting(before.members ?? []).filter { leaving.contains($0.bare) }.map(\.person)
            for person in Set(moved).sorted() {
                add(.units, .changed, code, "Unit \(code): \(person) gets notices at another address, or in another language.")
            }
        }
    }

    private typealias Branch = (code: String, name: LocalizedText, parent: String?)

    private mutating func compareTree(_ part: CountyChange.Part, _ noun: String, _ old: [Branch], _ new: [Branch]) {
        let pairs = Pairs(old, new, \.code)
        for branch in pairs.removed { add(part, .removed, branch.code, "The \(noun) \(branch.code) (\(branch.name.both)) is gone.") }
        for branch in pairs.added {
            let place = branch.parent.map { ", below \($0)" } ?? ""
            add(part, .added, branch.code, "The \(noun) \(branch.code) (\(branch.name.both)) is new\(place).")
        }
        for (before, after) in pairs.kept {
            if before.name != after.name {
                add(
                    part, .renamed, after.code, "The \(noun) \(after.code) was called \(before.name.both) and is called \(after.name.both)."
                )
            }
            if before.parent != after.parent {
                add(
                    part, .moved, after.code,
                    "The \(noun) \(after.code) moves from \(before.parent ?? "the top") to \(after.parent ?? "the top").")
            }
        }
    }

    private mutating func compareRules(_ old: [Rule], _ new: [Rule]) {
        let pairs = Pairs(old, new, \.id)
        for rule in pairs.removed { add(.rules, .removed, rule.id.text, "Rule \(rule.id) (\(rule.reason.both)) is gone.") }
        func place(_ id: RuleCode) -> String {
            guard let index = new.firstIndex(where: { $0.id == id }), index > 0 else { return "before all others" }
            return "after \(new[index - 1].id)"
        }
        for rule in pairs.added {
            add(.rules, .added, rule.id.text, "Rule \(rule.id) (\(rule.reason.both)) is new and is tried \(place(rule.id)).")
        }
        let places = Dictionary(new.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
        let order = pairs.kept.map(\.old.id)
        let staying = Set(LongestRise.indices(order.map { places[$0] ?? 0 }))
        for index in order.indices where !staying.contains(index) {
            add(.rules, .reordered, order[index].text, "Rule \(order[index]) is tried in another place: \(place(order[index])).")
        }
        for (before, after) in pairs.kept {
            for words in FieldDiff.words(from: before, to: after) { add(.rules, .changed, after.id.text, "Rule \(after.id): \(words).") }
        }
    }

    private mutating func comparePacks(_ old: [RulePack], _ new: [RulePack]) {
        let pairs = Pairs(old, new, \.code)
        for pack in pairs.removed { add(.packs, .removed, pack.code.text, "Pack \(pack.code) (\(pack.name.both)) is gone.") }
        for pack in pairs.added { add(.packs, .added, pack.code.text, "Pack \(pack.code) (\(pack.name.both)) is new.") }
        for (before, after) in pairs.kept where before != after {
            let code = after.code.text
            let clocks = Pairs(before.clocks, after.clocks, \.name)
            for clock in clocks.removed { add(.packs, .changed, code, "Pack \(code) has no clock \(clock.name) any more.") }
            for clock in clocks.added {
                add(.packs, .changed, code, "Pack \(code) has a new clock \(clock.name) of \(Spoken.term(clock.term)).")
            }
            for (was, clock) in clocks.kept where was != clock {
                if was.term != clock.term {
                    add(
                        .packs, .changed, code,
                        "Pack \(code), clock \(clock.name): the term was \(Spoken.term(was.term)) and is \(Spoken.term(clock.term)).")
                }
                var same = was
                same.term = clock.term
                for words in FieldDiff.words(from: same, to: clock) {
                    add(.packs, .changed, code, "Pack \(code), clock \(clock.name): \(words).")
                }
            }
            var same = before
            same.clocks = after.clocks
            for words in FieldDiff.words(from: same, to: after) { add(.packs, .changed, code, "Pack \(code): \(words).") }
        }
    }

    private mutating func compareCalendar(_ old: CountyDefinition, _ new: CountyDefinition) {
        if old.offsets != new.offsets { add(.calendar, .changed, "offsets", "The county's time zone counts otherwise.") }
        if old.workingHours != new.workingHours { add(.calendar, .changed, "hours", "Working hours are others.") }
        let years = Pairs(old.years, new.years, \.year)
        for year in years.added {
            add(.calendar, .added, "\(year.year)", "The holidays of \(year.year) are \(year.isPublished ? "published" : "expected").")
        }
        for year in years.removed { add(.calendar, .removed, "\(year.year)", "The holidays of \(year.year) are gone.") }
        for (before, after) in years.kept where before.isPublished != after.isPublished {
            add(.calendar, .changed, "\(after.year)", "The notice of \(after.year) \(after.isPublished ? "is out" : "is no longer out").")
        }
        let (before, after) = (Spoken.days(old), Spoken.days(new))
        for day in Set(before.keys).union(after.keys).sorted() where before[day] != after[day] {
            add(
                .calendar, .changed, day.description,
                "\(day) was \(before[day] ?? "an ordinary day") and is \(after[day] ?? "an ordinary day").")
        }
    }

    private mutating func compareTemplates(_ old: [NoticeTemplate], _ new: [NoticeTemplate]) {
        func name(_ template: NoticeTemplate) -> String {
            "\(template.id.rawValue)/\(template.language.rawValue)/\(template.channel.rawValue)"
        }
        let pairs = Pairs(old.map { (code: name($0), text: $0) }, new.map { (code: name($0), text: $0) }, \.code)
        for template in pairs.removed { add(.templates, .removed, template.code, "The text \(template.code) is gone.") }
        for template in pairs.added { add(.templates, .added, template.code, "The text \(template.code) is new.") }
        for (before, after) in pairs.kept where before.text != after.text {
            add(.templates, .changed, after.code, "The text \(after.code) reads otherwise.")
        }
    }

    private mutating func compareDuties(_ old: [DutyRule]?, _ new: [DutyRule]?) {
        let pairs = Pairs(old ?? DutyRule.standard, new ?? DutyRule.standard, \.level)
        func days(_ rule: DutyRule) -> String { "\(rule.days) in each \(rule.per.rawValue)" }
        for rule in pairs.removed {
            add(.duties, .removed, rule.level.rawValue, "Leaders of level \(rule.level.rawValue) owe no days of duty any more.")
        }
        for rule in pairs.added {
            add(.duties, .added, rule.level.rawValue, "Leaders of level \(rule.level.rawValue) owe days of duty: \(days(rule)).")
        }
        for (before, after) in pairs.kept where before != after {
            let kinds = before.kinds == after.kinds ? "" : ", and other kinds of session count"
            add(
                .duties, .changed, after.level.rawValue,
                "Leaders of level \(after.level.rawValue) owed \(days(before)) and owe \(days(after))\(kinds).")
        }
    }
}

extension UnitMember {
    /// Who acts as what, without how they are reached.
    fileprivate var bare: UnitMember { UnitMember(person: person, role: role) }
}
