import Models

/// The part of a rule that asks other units to help: `co: [{unit, task, workdays}]`.
enum RuledHelpFile {
    static func units(_ item: Item, lead: RuleLead) -> [RuleCoHandling] {
        let list = item.list("\"co\"")
        if list.count > RuleCoHandling.mostUnits {
            item.mistake(
                "\"co\" names more than \(RuleCoHandling.mostUnits) units", "Leave some to the lead unit, which may ask others itself.")
        }
        var units: [RuleCoHandling] = []
        for item in list {
            guard let fields = item.fields("an element of \"co\"", ["unit", "task", "workdays"]) else { continue }
            let unit = fields.required("unit")?.code(UnitCode.self)
            let task = fields.text("task")
            let workdays = fields.required("workdays")?.integer("\"workdays\"", 1...RuleCoHandling.mostWorkdays)
            guard let unit, let task, let workdays else { continue }
            item.notes.units.mention(unit, item.place)
            if case .unit(unit) = lead {
                item.mistake("\(unit) leads the case and cannot help itself", "Name another unit or delete the element.")
            }
            if units.contains(where: { $0.unit == unit }) { item.mistake("\"co\" names \(unit) twice", "Delete one.") }
            if task.unicodeScalars.count > RuleCoHandling.longestTask {
                item.mistake("the task has more than \(RuleCoHandling.longestTask) characters", "Shorten it.")
            }
            units.append(RuleCoHandling(unit: unit, task: task, workdays: workdays))
        }
        return units
    }
}
