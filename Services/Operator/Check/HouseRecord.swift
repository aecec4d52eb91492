import CaseFlow
import Deadline
import Intake
import Models
import Notification
import Routing

/// Everything that the four services have on record of one subject, as the promise is checked against it.
public struct SubjectRecord: Sendable {
    /// A ledger line as it is stored.
    public struct Line: Sendable {
        public var position: Int64
        /// The event in its wire form.
        public var event: [UInt8]
        public var previous: [UInt8]
        public var hash: [UInt8]

        public init(position: Int64, event: [UInt8], previous: [UInt8], hash: [UInt8]) {
            self.position = position
            self.event = event
            self.previous = previous
            self.hash = hash
        }
    }

    /// A notice as it is stored.
    public struct NoticeRecord: Sendable {
        public enum Phase: String, Sendable {
            case due, delivered, failed, withdrawn
        }

        public var id: NoticeID
        public var template: String
        public var recipient: NoticeRecipient
        public var phase: Phase
        /// Whether the operator has had it tried again after it had failed.
        public var again: Bool

        public init(id: NoticeID, template: String, recipient: NoticeRecipient, phase: Phase, again: Bool = false) {
            self.id = id
            self.template = template
            self.recipient = recipient
            self.phase = phase
            self.again = again
        }
    }

    public var subject: Subject
    /// In the order of their positions.
    public var lines: [Line] = []
    /// Each service's clock row; a service that never heard of the subject has none.
    public var clocks: [Source: CaseClock] = [:]
    public var intake: IntakeState?
    public var routing: RoutingProcess.State?
    public var deadline: DeadlineState?
    public var notification: NotificationState?
    public var notices: [NoticeRecord] = []
    /// How many of its notices have a recipient or a phase that nobody knows.
    public var unreadableNotices = 0
    /// The events that feed entries are stored for.
    public var feed: [EventID] = []
    /// How many of them every subscription may have.
    public var openEntries = 0
    /// The numbers of the receipts that were issued for it.
    public var receipts: [String] = []

    public init(subject: Subject) { self.subject = subject }
}

/// A breach of the promise, as a sentence.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// The number of the invariant in the list of the promise's ten.
    public var invariant: Int
    public var subject: Subject?
    public var sentence: String

    public init(_ invariant: Int, _ subject: Subject?, _ sentence: String) {
        self.invariant = invariant
        self.subject = subject
        self.sentence = sentence
    }

    public var description: String {
        "invariant \(invariant)\(subject.map { ", case \($0)" } ?? ""): \(sentence)"
    }
}
