/// Refuses definitions whose numbers or names would stop a service later; the compiler of county files finds the same with lines.
///
/// It guards the doors through which a definition comes without its files: the API and the message between the services.
extension CountyDefinition {
    /// Throws the sentence that says what is out of bounds or leads nowhere.
    public func checkLimits() throws(CountyError) {
        func refuse(_ sentence: String) -> CountyError { CountyError(description: sentence) }
        var last = 0
        for hours in workingHours {
            guard hours.opens >= last, hours.opens < hours.closes, hours.closes <= 86_400 else {
                throw refuse("the working hours \(hours.opens) to \(hours.closes) do not lie within a day, one after the other")
            }
            last = hours.closes
        }
        if let quietHours, !(0...86_400).contains(quietHours.from) || !(0...86_400).contains(quietHours.until) {
            throw refuse("the quiet hours do not lie within a day")
        }
        if let topicPrecision, !(50...100).contains(topicPrecision) {
            throw refuse("the precision of topics is not 50 to 100 of a hundred")
        }
        if let hotIssues, !hotIssues.isWithinLimits { throw refuse("what makes an issue hot is out of bounds") }
        if let digestAt, !(0..<86_400).contains(digestAt) { throw refuse("the time of digests does not lie within a day") }
        for duty in duties ?? [] where !(0...DutyRule.mostDays(per: duty.per)).contains(duty.days) {
            throw refuse("\(duty.days) days of duty do not fit into a \(duty.per.rawValue)")
        }
        for year in years {
            guard (1980...2100).contains(year.year) else {
                throw refuse("the calendar speaks of the year \(year.year), outside 1980 to 2100")
            }
            for holiday in year.holidays {
                guard holiday.first <= holiday.last, holiday.last - holiday.first < 366, abs(holiday.first.year - year.year) <= 1 else {
                    throw refuse("the holiday \(holiday.first) to \(holiday.last) is no run of days of the year \(year.year)")
                }
            }
        }
        let (units, topics, packs) = (Set(units.map(\.code)), Set(topics.map(\.code)), Set(packs.map(\.code)))
        for rule in rules {
            for unit in rule.then.lead.units where !units.contains(unit) {
                throw refuse("the rule \(rule.id) leads to \(unit), which is no unit of the county")
            }
            if case .leastLoaded(let units) = rule.then.lead, Set(units).count < 2 || Set(units).count < units.count {
                throw refuse("the rule \(rule.id) chooses among units without naming two or more different ones")
            }
            let co = rule.then.co ?? []
            guard co.count <= RuleCoHandling.mostUnits, Set(co.map(\.unit)).count == co.count else {
                throw refuse("the rule \(rule.id) asks a unit twice to help, or more than \(RuleCoHandling.mostUnits) units")
            }
            for help in co {
                guard units.contains(help.unit) else {
                    throw refuse("the rule \(rule.id) asks \(help.unit) to help, which is no unit of the county")
                }
                guard (1...RuleCoHandling.mostWorkdays).contains(help.workdays) else {
                    throw refuse(
                        "the rule \(rule.id) gives \(help.unit) \(help.workdays) working days; 1 to \(RuleCoHandling.mostWorkdays) are possible"
                    )
                }
                guard (1...RuleCoHandling.longestTask).contains(help.task.unicodeScalars.count) else {
                    throw refuse(
                        "the rule \(rule.id) gives \(help.unit) a task without words or of more than \(RuleCoHandling.longestTask) characters"
                    )
                }
            }
            if let pack = rule.then.pack, !packs.contains(pack) {
                throw refuse("the rule \(rule.id) names the rule pack \(pack), which there is not")
            }
            if let topic = rule.then.topic, !topics.contains(topic) {
                throw refuse("the rule \(rule.id) names the topic \(topic), which there is not")
            }
        }
        for pack in self.packs {
            try pack.checkLimits()
            for kind in pack.kinds(under: rules) where !pack.keepsClock(for: kind) {
                throw refuse(
                    "the rule pack \(pack.code) has no clock that runs from the registration of a case of the kind \(kind.rawValue)")
            }
        }
    }
}

extension RulePack {
    fileprivate func checkLimits() throws(CountyError) {
        try ladder.checkLimits(code)
        for clock in clocks {
            try clock.term?.checkLimits(code)
            try clock.ladder?.checkLimits(code)
            if let allowed = clock.extensionRule {
                try allowed.longest.checkLimits(code)
                guard (0...100).contains(allowed.times) else {
                    throw CountyError(description: "the rule pack \(code) allows \(allowed.times) extensions; 0 to 100 are possible")
                }
            }
        }
    }
}

extension Ladder {
    fileprivate func checkLimits(_ pack: RulePackCode) throws(CountyError) {
        guard warnings.allSatisfy({ (1...99).contains($0) }), zip(warnings, warnings.dropFirst()).allSatisfy(<) else {
            throw CountyError(description: "the warnings of the rule pack \(pack) are not shares from 1 to 99 in ascending order")
        }
        for late in afterDue { try late.after.checkLimits(pack) }
        guard zip(afterDue, afterDue.dropFirst()).allSatisfy({ $0.after.unit == $1.after.unit && $0.after.count < $1.after.count }) else {
            throw CountyError(description: "the rungs after the due date of the rule pack \(pack) are not in ascending order of one unit")
        }
    }
}

extension Term {
    fileprivate func checkLimits(_ pack: RulePackCode) throws(CountyError) {
        guard (1...unit.longest).contains(count) else {
            throw CountyError(description: "the rule pack \(pack) has a term of \(name.en); 1 to \(unit.longest) are possible")
        }
    }
}
