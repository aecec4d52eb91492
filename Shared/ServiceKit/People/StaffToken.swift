import Crypto
import FoundationEssentials
import JWTKit
import Models

/// What a staff token (a JWT, RFC 7519) says: who acts, as what, for which unit, and until when.
public struct StaffToken: JWTPayload, Equatable {
    /// Who issues staff tokens.
    public static let issuer = "huiyin"

    /// The staff number; never a name.
    var sub: String
    var role: String
    var unit: String
    var iss: String
    var iat: Int64
    var exp: Int64
    /// Tells one token from another of the same person.
    var jti: String

    /// A token that `person` acts by from `now` on, for `lifetime`.
    init(_ person: ActingPerson, now: Instant, lifetime: Duration) {
        sub = person.person?.text ?? ""
        role = person.role.rawValue
        unit = person.unit?.text ?? ""
        iss = Self.issuer
        iat = now.microseconds / 1_000_000
        exp = (now + lifetime).microseconds / 1_000_000
        jti = UniqueID.version7(at: now, random: SystemTime.random).description
    }

    /// Nothing besides the signature; what a token says is judged by `person(at:)`.
    public func verify(using algorithm: some JWTAlgorithm) async throws {}

    /// Who acts by the token at `now`; throws the sentence that says why nobody does.
    func person(at now: Instant) throws(StaffTokenFault) -> ActingPerson {
        let second = now.microseconds / 1_000_000
        guard iss == Self.issuer else {
            throw StaffTokenFault("The token was issued by somebody else; use one made by: huiyin token issue")
        }
        guard exp > second else { throw StaffTokenFault("The token has expired; ask the administrator for a new one.") }
        // Clocks of two machines differ a little.
        guard iat <= second + 60 else { throw StaffTokenFault("The token is not valid yet; look at the clocks of both machines.") }
        guard let role = Role(rawValue: role), role != .petitioner else {
            throw StaffTokenFault("The token names a role that does not exist; ask the administrator for a new one.")
        }
        guard let unit = UnitCode(unit), let person = PersonCode(sub) else {
            throw StaffTokenFault("The token names no unit or no staff number; ask the administrator for a new one.")
        }
        return ActingPerson(role: role, unit: unit, person: person)
    }
}

/// Why a staff token is not taken, as a sentence for whoever sent it; it never repeats the token.
public struct StaffTokenFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
