/// What is wrong with a body, gathered place by place, but no more of it than an answer should hold.
public struct FaultList {
    /// How many faults are told one by one; a body can have more faults than bytes in a useful answer.
    public static let most = 50

    private var faults: [Problem.Fault] = []
    private var hasMore = false

    public init() {}

    public var isEmpty: Bool { faults.isEmpty }
    /// How many more faults are told one by one.
    public var room: Int { Self.most - faults.count }

    public mutating func add(_ pointer: String, _ detail: String) {
        if room > 0 { faults.append(Problem.Fault(pointer: pointer, detail: detail)) } else { hasMore = true }
    }

    public mutating func add(_ other: FaultList) {
        for fault in other.faults { add(fault.pointer, fault.detail) }
        if other.hasMore { hasMore = true }
    }

    /// Throws a problem with every gathered fault, and a last one when there were more; does nothing when there is none.
    public func check() throws(Problem) {
        if isEmpty { return }
        guard hasMore else { throw Problem.invalidContent(faults) }
        let last = Problem.Fault(pointer: "", detail: "there are more faults than these \(Self.most); mend these first")
        var problem = Problem.invalidContent(faults + [last])
        problem.detail = "More than \(Self.most) values are not valid; see errors."
        throw problem
    }

    /// A field's name as one step of a JSON pointer (RFC 6901), cut to 60 Unicode scalars: one Character may be megabytes long.
    public static func step(_ name: String) -> String {
        var step = ""
        for scalar in name.unicodeScalars.prefix(60) {
            switch scalar {
            case "~": step += "~0"
            case "/": step += "~1"
            default: step.unicodeScalars.append(scalar)
            }
        }
        return step
    }
}
