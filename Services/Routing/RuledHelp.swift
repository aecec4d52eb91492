import Models

/// The units that a rule asks to help the lead unit from the first day (协办).
///
/// Each stands for whoever has its duties now. Nobody is asked who must stay out of the case (Articles 30 and 46), nor the lead unit, nor
/// anybody twice.
struct RuledHelp {
    let ruling: Ruling
    /// The lead unit, which may have the duties of the one that the rule names.
    let lead: UnitCode
    let denied: Set<UnitCode>
    /// The county in force.
    let current: CountyIndex

    var facts: [CoHandlingAssigned] {
        var asked: Set<UnitCode> = [lead]
        return ruling.co.compactMap { help in
            let unit = current.living(help.unit)
            guard current.unit(unit) != nil, !denied.contains(help.unit), !denied.contains(unit), asked.insert(unit).inserted else {
                return nil
            }
            return CoHandlingAssigned(by: ActingPerson(role: .dispatcher), unit: unit, task: help.task, workdays: help.workdays)
        }
    }
}
