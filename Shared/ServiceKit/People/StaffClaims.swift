import JWTKit
import Models

/// What stands in a staff token, claim by claim; absent or of the wrong kind is nil, and nothing here is proven.
struct StaffClaims: JWTPayload, Equatable {
    /// The only issuer that is believed.
    static let ownIssuer = "huiyin"

    var issuer: String?
    /// A staff number.
    var subject: String?
    var role: String?
    var unit: String?
    var identifier: String?
    /// Seconds since 1970, as are the other two times (RFC 7519, NumericDate).
    var issued: Double?
    var expires: Double?
    var notBefore: Double?
    /// Whether the token names somebody it is meant for; tokens of the house name nobody.
    var namesAudience = false

    private enum CodingKeys: String, CodingKey {
        case issuer = "iss"
        case subject = "sub"
        case role
        case unit
        case identifier = "jti"
        case issued = "iat"
        case expires = "exp"
        case notBefore = "nbf"
        case audience = "aud"
    }

    init(_ token: StaffToken) {
        issuer = Self.ownIssuer
        subject = token.person.text
        role = token.role.rawValue
        unit = token.unit.text
        identifier = token.identifier
        issued = Self.seconds(token.issued)
        expires = Self.seconds(token.expires)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) -> String? { try? container.decode(String.self, forKey: key) }
        func number(_ key: CodingKeys) -> Double? { try? container.decode(Double.self, forKey: key) }
        issuer = text(.issuer)
        subject = text(.subject)
        role = text(.role)
        unit = text(.unit)
        identifier = text(.identifier)
        issued = number(.issued)
        expires = number(.expires)
        // One that is there but cannot be read must not be taken for none.
        notBefore = container.contains(.notBefore) ? number(.notBefore) ?? .infinity : nil
        namesAudience = container.contains(.audience)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(issuer, forKey: .issuer)
        try container.encodeIfPresent(subject, forKey: .subject)
        try container.encodeIfPresent(role, forKey: .role)
        try container.encodeIfPresent(unit, forKey: .unit)
        try container.encodeIfPresent(identifier, forKey: .identifier)
        try container.encodeIfPresent(issued.map(Self.number), forKey: .issued)
        try container.encodeIfPresent(expires.map(Self.number), forKey: .expires)
    }

    /// Nothing: `StaffToken` judges the claims, with a sentence for each.
    func verify(using algorithm: some JWTAlgorithm) async throws {}

    private static func seconds(_ instant: Instant) -> Double { Double(instant.microseconds / 1_000_000) }

    /// Whole seconds, so that no reader meets a fraction or an exponent.
    private static func number(_ seconds: Double) -> Int64 { Int64(exactly: seconds.rounded(.down)) ?? 0 }
}
