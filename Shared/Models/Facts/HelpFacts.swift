// Units that help: the lead unit (协办), and petitioners in hardship (帮扶). Routing states it.

/// A unit is to help the lead unit (协办), by a date that the lead unit sets.
public struct CoHandlingAssigned: EventFacts {
    public static var type: String { "co-handling.assigned" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var task: String
    /// How many working days it has; its clock ends with the last of them.
    public var workdays: Int

    public init(by: ActingPerson, unit: UnitCode, task: String, workdays: Int) {
        self.by = by
        self.unit = unit
        self.task = task
        self.workdays = workdays
    }
}

/// A co-handling unit owes nothing more.
public struct CoHandlingExcused: EventFacts {
    public static var type: String { "co-handling.excused" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var reason: String

    public init(by: ActingPerson, unit: UnitCode, reason: String) {
        self.by = by
        self.unit = unit
        self.reason = reason
    }
}

/// A co-handling unit has given the lead unit what it asked for.
public struct CoHandlingAnswered: EventFacts {
    public static var type: String { "co-handling.answered" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var text: String

    public init(by: ActingPerson, unit: UnitCode, text: String) {
        self.by = by
        self.unit = unit
        self.text = text
    }
}

/// A unit is to help the petitioner in hardship (帮扶; Article 37); the task goes on after the case ends.
public struct AssistanceOpened: EventFacts {
    public static var type: String { "assistance.opened" }

    public var by: ActingPerson
    /// Counts the tasks of the case from 1.
    public var serial: Int
    public var unit: UnitCode
    public var task: String
    /// How many working days it has, the last of which ends its clock; nil in events of before, which set no term.
    public var workdays: Int?

    public init(by: ActingPerson, serial: Int, unit: UnitCode, task: String, workdays: Int?) {
        self.by = by
        self.serial = serial
        self.unit = unit
        self.task = task
        self.workdays = workdays
    }
}

/// An assistance task is done, with what came of it.
public struct AssistanceEnded: EventFacts {
    public static var type: String { "assistance.ended" }

    public var by: ActingPerson
    public var serial: Int
    public var outcome: String

    public init(by: ActingPerson, serial: Int, outcome: String) {
        self.by = by
        self.serial = serial
        self.outcome = outcome
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension CoHandlingAssigned: JSONRecord {
    public init(members: inout JSONMembers) throws {
        by = try members.read("by")
        unit = try members.read("unit")
        task = try members.read("task")
        workdays = try members.read("workdays")
    }

    public func write(members: inout JSONText) {
        members.write("by", by)
        members.write("unit", unit)
        members.write("task", task)
        members.write("workdays", workdays)
    }
}
