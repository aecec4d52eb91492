public import Models

/// Who a staff token speaks for and how long.
///
/// A staff token is a signed JWT (RFC 7519) with the claims `iss` (always `huiyin`), `sub` (the staff number), `role`, `unit`,
/// `iat`, `exp` and `jti`; all are required, other claims are ignored. Their names are durable.
public struct StaffToken: Sendable, Hashable {
    /// How far the issuer's clock may be ahead of ours; a token's end has no leeway.
    public static let clockLeeway = Duration.seconds(60)

    public let person: PersonCode
    public let role: Role
    public let unit: UnitCode
    /// From when it counts, in whole seconds when it was issued here.
    public let issued: Instant
    /// From when on it is refused.
    public let expires: Instant
    /// Tells one token from another in a list (`jti`).
    public let identifier: String

    /// The roles that a token can give: every one but the petitioner's, who has a receipt instead.
    public static let roles = Role.allCases.filter { $0 != .petitioner }

    /// A token to be signed, from whole second to whole second; nil for a petitioner or when it would end before it begins.
    public init?(person: PersonCode, role: Role, unit: UnitCode, issued: Instant, lasting: Duration, identifier: String) {
        guard Self.roles.contains(role), lasting > .zero, !identifier.isEmpty else { return nil }
        self.person = person
        self.role = role
        self.unit = unit
        self.issued = Instant(microseconds: issued.microseconds / 1_000_000 * 1_000_000)
        expires = self.issued + lasting
        self.identifier = identifier
    }

    /// Judges the claims of a token whose signature is valid.
    init(_ claims: StaffClaims, at now: Instant) throws(StaffTokenFault) {
        guard claims.issuer == StaffClaims.ownIssuer else { throw .wrongIssuer }
        guard !claims.namesAudience else { throw .wrongAudience }
        guard let person = claims.subject.flatMap(PersonCode.init) else { throw .wrongPerson }
        guard let role = claims.role.flatMap(Role.init), Self.roles.contains(role) else { throw .wrongRole }
        guard let unit = claims.unit.flatMap(UnitCode.init) else { throw .wrongUnit }
        guard let identifier = claims.identifier, !identifier.isEmpty else { throw .noIdentifier }
        guard let issued = claims.issued.flatMap(Self.instant) else { throw .noIssueTime }
        guard let expires = claims.expires.flatMap(Self.instant) else { throw .noExpiry }
        guard issued <= now + Self.clockLeeway else { throw .issuedInFuture }
        if let notBefore = claims.notBefore {
            guard let start = Self.instant(notBefore), start <= now + Self.clockLeeway else { throw .notYetValid }
        }
        guard now < expires else { throw .expired }
        self.person = person
        self.role = role
        self.unit = unit
        self.issued = issued
        self.expires = expires
        self.identifier = identifier
    }

    /// The identity that handlers see.
    public var acting: ActingPerson { ActingPerson(role: role, unit: unit, person: person) }

    /// Nil for what no clock will ever show, so that no arithmetic goes over the edge.
    private static func instant(_ seconds: Double) -> Instant? {
        guard seconds >= 0, seconds < 250_000_000_000 else { return nil }
        return Instant(microseconds: Int64(seconds * 1_000_000))
    }
}
