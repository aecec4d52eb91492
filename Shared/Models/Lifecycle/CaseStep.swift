/// What may be asked of a case after its registration.
///
/// The raw values are durable: they stand in addresses and tokens.
public enum CaseStep: String, CaseIterable, Codable, Sendable, Hashable {
    // Routing decides these.
    case accept
    case notAccept = "not-accept"
    case redirect
    case raiseObjection = "raise-objection"
    case confirmObjection = "confirm-objection"
    case refuseObjection = "refuse-objection"
    case reassign
    case addCoHandler = "add-co-handler"
    case excuseCoHandler = "excuse-co-handler"
    case answerAsCoHandler = "answer-as-co-handler"
    case answer
    case answerReview = "answer-review"
    case answerFinalReview = "answer-final-review"
    case close, reopen, supervise
    case takeCharge = "take-charge"
    case recuse
    case openAssistance = "open-assistance"
    case endAssistance = "end-assistance"
    case succeed

    // Deadline decides these.
    case extend
    case pauseClock = "pause-clock"
    case resumeClock = "resume-clock"
    case rebaseClocks = "rebase-clocks"

    // Intake decides these.
    case settleOnTheSpot = "settle-on-the-spot"
    case addMaterial = "add-material"
    case withdraw, rate
    case requestReview = "request-review"
    case requestFinalReview = "request-final-review"
    case merge, unmerge, correct
    case recordService = "record-service"
    case recordReturnCall = "record-return-call"
    case unmask

    /// The step as a sentence speaks of it: "accepting a case".
    public var phrase: String {
        switch self {
        case .accept: "accepting a case"
        case .notAccept: "not accepting a case"
        case .redirect: "redirecting a case to the lawful way"
        case .raiseObjection: "objecting that a case belongs to another unit"
        case .confirmObjection: "confirming an objection"
        case .refuseObjection: "refusing an objection"
        case .reassign: "giving a case to another unit"
        case .addCoHandler: "adding a co-handling unit"
        case .excuseCoHandler: "excusing a co-handling unit"
        case .answerAsCoHandler: "answering as a co-handling unit"
        case .answer: "answering a case"
        case .answerReview: "answering a review"
        case .answerFinalReview: "answering a final review"
        case .close: "closing a case"
        case .reopen: "reopening a case"
        case .supervise: "supervising a case"
        case .takeCharge: "taking personal charge of a case"
        case .recuse: "withdrawing from a case as an officer with an interest"
        case .openAssistance: "opening an assistance task"
        case .endAssistance: "ending an assistance task"
        case .succeed: "giving a case to its unit's successor"
        case .extend: "extending a term"
        case .pauseClock: "pausing a clock"
        case .resumeClock: "letting a paused clock run again"
        case .rebaseClocks: "moving the clocks of a case to the terms in force"
        case .settleOnTheSpot: "settling a case on the spot"
        case .addMaterial: "adding material to a case"
        case .withdraw: "withdrawing a case"
        case .rate: "rating an answer"
        case .requestReview: "asking for a review"
        case .requestFinalReview: "asking for a final review"
        case .merge: "merging a case with another"
        case .unmerge: "undoing a merger"
        case .correct: "correcting personal data"
        case .recordService: "recording that an answer was served"
        case .recordReturnCall: "recording a return call"
        case .unmask: "looking at who the petitioners are"
        }
    }
}
