import Models

/// `units.yaml`: the units and the tree they form.
enum UnitsFile {
    static let keys = [
        "code", "parent", "kind", "name", "region", "head", "functions", "members", "reviewed-by", "successor", "heirs", "ended",
        "email", "phone", "language",
    ]

    static func units(_ root: Item) -> [CountyUnit] {
        guard let fields = root.fields("the file", ["units"]), let list = fields.required("units")?.list("\"units\"") else { return [] }
        var (units, tops) = ([CountyUnit](), [Place]())
        var members: [TreeMember<UnitCode>] = []
        for item in list {
            guard let unit = item.fields("a unit", keys), let code = unit.required("code")?.code(UnitCode.self) else { continue }
            let place = unit.optional("code")?.place ?? unit.place
            if let earlier = item.notes.units.define(code, place) {
                item.notes.mistake(
                    place, "the unit code \"\(code)\" is already used in line \(earlier.line)", "Give one of the two another code.")
                continue
            }
            let parent = unit.optional("parent").flatMap { item -> UnitCode? in
                let code = item.code(UnitCode.self)
                if let code { item.notes.units.mention(code, item.place) }
                return code
            }
            // An authority above the county stands beside it.
            let isHigher = unit.optional("kind")?.text("the kind") == UnitKind.higherLevel.rawValue
            if unit.optional("parent") == nil, !isHigher { tops.append(place) }
            members.append(TreeMember(code: code, parent: parent, place: place))
            if let read = read(unit, code, parent) { units.append(read) }
        }
        if tops.isEmpty, !members.isEmpty {
            root.mistake("no unit stands at the top", "Leave \"parent\" out for the county itself.")
        }
        for extra in tops.dropFirst() {
            root.notes.mistake(extra, "this is a second unit without a parent", "Name the unit it answers to.")
        }
        TreeMember.checkCircles(members, notes: root.notes)
        checkServants(units, root.notes)
        checkSuccessors(units, root.notes)
        return units
    }

    private static func read(_ unit: Fields, _ code: UnitCode, _ parent: UnitCode?) -> CountyUnit? {
        let kind = unit.required("kind")?.word("the kind", UnitKind.self)
        let name = unit.localized("name")
        let region = unit.optional("region").flatMap { item -> RegionCode? in
            let code = item.code(RegionCode.self)
            if let code { item.notes.regions.mention(code, item.place) }
            return code
        }
        let head = unit.optionalLocalized("head")
        let functions = unit.distinct("functions") { $0.text("a function") }
        let reviewedBy = mentioned(unit, "reviewed-by")
        let successor = mentioned(unit, "successor")
        let heirs = unit.distinct("heirs") { item -> UnitCode? in
            let code = item.code(UnitCode.self)
            if let code { item.notes.units.mention(code, item.place) }
            return code
        }
        if successor == nil, !heirs.isEmpty {
            unit.item.mistake("\(code) has \"heirs\" but no \"successor\"", "Name the unit that has taken over what is left.")
        }
        let ended = unit.optional("ended")?.date("the day of the end")
        if successor == nil, unit.optional("ended") != nil, unit.optional("successor") == nil {
            unit.item.mistake("\(code) has ended but has no \"successor\"", "Name the unit that has taken over its duties.")
        }
        for (field, other) in [("reviewed-by", reviewedBy), ("successor", successor)] + heirs.map({ ("heirs", $0) }) where other == code {
            unit.item.mistake("\(code) names itself in \"\(field)\"", "Name another unit or leave it out.")
        }
        let email = unit.optional("email").flatMap(email)
        let phone = unit.optional("phone").flatMap(phone)
        let language = unit.optional("language").flatMap { $0.word("the language", Language.self) }
        let members = unit.optional("members")?.list("\"members\"").compactMap(member)
        guard let kind, let name else { return nil }
        if kind == .township || kind == .village, unit.optional("region") == nil {
            unit.item.mistake("a \(kind.rawValue) without a region is never found by place", "Add \"region\".")
        }
        return CountyUnit(
            code: code, parent: parent, kind: kind, name: name, region: region, head: head, functions: functions, members: members,
            reviewedBy: reviewedBy, successor: successor, heirs: heirs.isEmpty ? nil : heirs, ended: ended, email: email, phone: phone,
            language: language)
    }

    private static func email(_ item: Item) -> String? {
        guard let text = item.text("the mail address") else { return nil }
        if MailAddress.isWellFormed(text) { return text }
        item.mistake("\"\(text)\" is no mail address", "Write the office's address like office@county.example.")
        return nil
    }

    private static func phone(_ item: Item) -> String? {
        guard let text = item.text("the phone number") else { return nil }
        let isNumber = text.utf8.allSatisfy { (48...57).contains($0) || " +-()".utf8.contains($0) } && text.contains(where: \.isNumber)
        if isNumber, text.utf8.count <= 40 { return text }
        item.mistake("\"\(text)\" is no phone number", "Write digits, spaces and +-(), in quotes, at most 40.")
        return nil
    }

    private static func mentioned(_ unit: Fields, _ name: String) -> UnitCode? {
        unit.optional(name).flatMap { item -> UnitCode? in
            let code = item.code(UnitCode.self)
            if let code { item.notes.units.mention(code, item.place) }
            return code
        }
    }

    private static func member(_ item: Item) -> UnitMember? {
        guard let fields = item.fields("a member", ["person", "role", "email", "phone", "language"]) else { return nil }
        let person = fields.required("person")?.code(PersonCode.self)
        let role = fields.required("role")?.word("the role", Role.self)
        let email = fields.optional("email").flatMap(email)
        let phone = fields.optional("phone").flatMap(phone)
        let language = fields.optional("language").flatMap { $0.word("the language", Language.self) }
        guard let person, let role else { return nil }
        return UnitMember(person: person, role: role, email: email, phone: phone, language: language)
    }

    /// Units that took over from each other would leave nobody with their duties.
    private static func checkSuccessors(_ units: [CountyUnit], _ notes: CompilerNotes) {
        // What names itself is reported already.
        let others = units.filter { $0.successor != $0.code && $0.heirs?.contains($0.code) != true }
        guard let circle = SuccessionCircle.find(in: others),
            let place = circle.compactMap({ notes.units.places[$0] }).min(by: { $0.line < $1.line })
        else { return }
        notes.mistake(
            place, "the units took over from each other in a circle: \(circle.map(\.text).joined(separator: " → "))",
            "Leave \"successor\" out for the one that exists.")
    }

    /// Two units of one kind for one place would leave open which is meant.
    private static func checkServants(_ units: [CountyUnit], _ notes: CompilerNotes) {
        var seen: [String: UnitCode] = [:]
        for unit in units where unit.kind == .township || unit.kind == .village {
            guard let region = unit.region, let place = notes.units.places[unit.code] else { continue }
            if let earlier = seen.updateValue(unit.code, forKey: "\(unit.kind.rawValue) \(region)") {
                notes.mistake(
                    place, "\(unit.code) and \(earlier) are both the \(unit.kind.rawValue) of the region \(region)",
                    "Give one of them another region.")
            }
        }
    }
}
