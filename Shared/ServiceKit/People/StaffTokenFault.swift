/// Says why a staff token is refused, as a sentence for whoever sent it; nothing of the token is repeated.
public enum StaffTokenFault: Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case malformed
    case wrongAlgorithm
    case noKeyID
    case unknownKey
    case wrongSignature
    case wrongIssuer
    case wrongAudience
    case wrongPerson
    case wrongRole
    case wrongUnit
    case noIdentifier
    case noIssueTime
    case issuedInFuture
    case noExpiry
    case expired
    case notYetValid

    public var description: String {
        switch self {
        case .malformed: "The token in the header Authorization is no staff token: send it whole, as it was issued."
        case .wrongAlgorithm:
            "The staff token is not signed with EdDSA or ES256 as its key demands: ask for one made by huiyin token issue."
        case .noKeyID: "The staff token does not name its key (kid): ask for one made by huiyin token issue."
        case .unknownKey: "The staff token's key is not known here or was retired: ask for a new token."
        case .wrongSignature: "The staff token's signature is not valid: send the token whole and unchanged, or ask for a new one."
        case .wrongIssuer: "The staff token was not issued by huiyin (iss): ask for one that is."
        case .wrongAudience: "The staff token is meant for another system (aud): ask for one that is meant for huiyin."
        case .wrongPerson: "The staff token names no staff number (sub): ask for one that does."
        case .wrongRole: "The staff token's role is missing or none that staff can have: ask for a token with a role of the house."
        case .wrongUnit: "The staff token names no unit by its code (unit): ask for one that does."
        case .noIdentifier: "The staff token has no identifier (jti): ask for one that does."
        case .noIssueTime: "The staff token does not say when it was issued (iat): ask for one that does."
        case .issuedInFuture: "The staff token was issued in the future (iat): check the clock of whoever issued it."
        case .noExpiry: "The staff token does not say when it expires (exp): ask for one that does."
        case .expired: "The staff token has expired: ask for a new one."
        case .notYetValid: "The staff token is not valid yet (nbf): wait, or ask for another."
        }
    }
}
