/// One of the four services, as the source of events; the raw value is the routing key on `huiyin.events`.
public enum Source: String, CaseIterable, Codable, Sendable, Hashable, Comparable {
    case intake, routing, deadline, notification

    public static func < (left: Source, right: Source) -> Bool { left.index < right.index }

    /// Where this source stands in `SourcePositions`.
    var index: Int {
        switch self {
        case .intake: 0
        case .routing: 1
        case .deadline: 2
        case .notification: 3
        }
    }

    /// The sources whose events a service must hear to do its work; itself always among them only in effect, since what
    /// it emits it applies in the same transaction.
    public var hears: [Source] {
        switch self {
        case .intake: [.routing, .deadline, .notification]
        case .routing: [.intake, .deadline]
        case .deadline: [.intake, .routing]
        case .notification: [.intake, .routing, .deadline]
        }
    }
}

/// How far each source's stream is known for one subject: the sequence of the last event, 0 for none.
public struct SourcePositions: Hashable, Sendable {
    private var values: (Int64, Int64, Int64, Int64)

    public init() { values = (0, 0, 0, 0) }

    public init(intake: Int64 = 0, routing: Int64 = 0, deadline: Int64 = 0, notification: Int64 = 0) {
        values = (intake, routing, deadline, notification)
    }

    public subscript(_ source: Source) -> Int64 {
        get {
            switch source {
            case .intake: values.0
            case .routing: values.1
            case .deadline: values.2
            case .notification: values.3
            }
        }
        set {
            switch source {
            case .intake: values.0 = newValue
            case .routing: values.1 = newValue
            case .deadline: values.2 = newValue
            case .notification: values.3 = newValue
            }
        }
    }

    public static func == (left: SourcePositions, right: SourcePositions) -> Bool { left.values == right.values }

    public func hash(into hasher: inout Hasher) {
        for source in Source.allCases { hasher.combine(self[source]) }
    }
}

extension SourcePositions: LosslessStringConvertible {
    /// `intake=3,routing=1`: the form of the CloudEvents attribute `after`, whose type must be a string.
    public var description: String {
        var text = ""
        for source in Source.allCases where self[source] != 0 {
            if !text.isEmpty { text += "," }
            text += source.rawValue
            text += "="
            text += String(self[source])
        }
        return text
    }

    public init?(_ text: String) {
        self.init()
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, let source = Source(rawValue: String(pair[0])), let position = Int64(pair[1]), position > 0,
                self[source] == 0
            else { return nil }
            self[source] = position
        }
    }
}
