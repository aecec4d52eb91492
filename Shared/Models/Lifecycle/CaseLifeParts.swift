extension CaseLife {
    /// A unit that helps the lead unit (协办单位).
    public struct CoHandler: Equatable, Sendable, Codable {
        public enum Phase: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable {
            case asked, answered, excused
        }

        public var unit: UnitCode
        public var phase: Phase
    }

    /// The lead unit's word that the case is another's, before it is ruled on (异议).
    public struct Objection: Equatable, Sendable, Codable {
        public var unit: UnitCode
        public var proposed: UnitCode
    }

    /// A task of help for a petitioner in hardship (帮扶).
    public struct Assistance: Equatable, Sendable, Codable {
        public var serial: Int
        public var unit: UnitCode
        public var isOpen: Bool
    }

    struct Succession: Equatable, Sendable, Codable {
        var from: UnitCode
        var to: UnitCode
        /// Where it stands in routing's stream.
        var sequence: Int64?
    }

    /// Tells one state of a case from a later one; its text is the case's entity tag.
    public struct Revision: Hashable, Sendable, Codable, LosslessStringConvertible {
        public var intake: Int64
        public var routing: Int64

        public init(intake: Int64, routing: Int64) {
            self.intake = intake
            self.routing = routing
        }

        public var description: String { "\(intake).\(routing)" }

        public init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let intake = Int64(parts[0]), let routing = Int64(parts[1]) else { return nil }
            self.init(intake: intake, routing: routing)
        }
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension CaseLife.Move: JSONRecord {
    public init(members: inout JSONMembers) throws {
        stage = try members.read("stage")
        sequence = try members.read("sequence")
        known = try members.read("known")
    }

    public func write(members: inout JSONText) {
        members.write("stage", stage)
        members.write("sequence", sequence)
        members.write("known", known)
    }
}

extension CaseLife.CoHandler: JSONRecord {
    public init(members: inout JSONMembers) throws {
        unit = try members.read("unit")
        phase = try members.read("phase")
    }

    public func write(members: inout JSONText) {
        members.write("unit", unit)
        members.write("phase", phase)
    }
}

extension CaseLife.Objection: JSONRecord {
    public init(members: inout JSONMembers) throws {
        unit = try members.read("unit")
        proposed = try members.read("proposed")
    }

    public func write(members: inout JSONText) {
        members.write("unit", unit)
        members.write("proposed", proposed)
    }
}

extension CaseLife.Assistance: JSONRecord {
    public init(members: inout JSONMembers) throws {
        serial = try members.read("serial")
        unit = try members.read("unit")
        isOpen = try members.read("isOpen")
    }

    public func write(members: inout JSONText) {
        members.write("serial", serial)
        members.write("unit", unit)
        members.write("isOpen", isOpen)
    }
}

extension CaseLife.Succession: JSONRecord {
    init(members: inout JSONMembers) throws {
        from = try members.read("from")
        to = try members.read("to")
        sequence = try members.readIfPresent("sequence")
    }

    func write(members: inout JSONText) {
        members.write("from", from)
        members.write("to", to)
        members.writeIfPresent("sequence", sequence)
    }
}
