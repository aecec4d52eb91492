import Crypto
import FoundationEssentials
import Logging
import Models
import NIOConcurrencyHelpers

@testable import ServiceKit

/// A file of staff keys, a clock that is set by hand, and tokens put together byte by byte, right ones and wrong ones.
struct StaffDesk {
    static let start = Instant(microseconds: 1_795_000_000_000_000)

    let folder: TemporaryFolder
    let clock = NIOLockedValueBox(start)
    let log = CapturedLog()
    private let ed = Curve25519.Signing.PrivateKey()
    private let ec = P256.Signing.PrivateKey()

    static func with<Result>(_ body: (StaffDesk) async throws -> Result) async throws -> Result {
        try await TemporaryFolder.with { folder in
            let desk = StaffDesk(folder: folder)
            try desk.publish([desk.jwk("one"), desk.p256JWK])
            return try await body(desk)
        }
    }

    var path: String { "\(folder.path)/jwks.json" }
    var seconds: Int64 { clock.withLockedValue { $0 }.microseconds / 1_000_000 }

    func publish(_ keys: [String]) throws { _ = try folder.file("jwks.json", #"{"keys":[\#(keys.joined(separator: ","))]}"#) }

    func jwk(_ id: String, _ key: Curve25519.Signing.PrivateKey? = nil) -> String {
        let x = Self.text((key ?? ed).publicKey.rawRepresentation)
        return #"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"\#(id)","x":"\#(x)"}"#
    }

    var p256JWK: String {
        let point = ec.publicKey.rawRepresentation
        return #"{"kty":"EC","crv":"P-256","kid":"curve","x":"\#(Self.text(point.prefix(32)))","y":"\#(Self.text(point.suffix(32)))"}"#
    }

    func keys() throws -> StaffKeys {
        let clock = clock
        return try StaffKeys(file: path) { clock.withLockedValue { $0 } }
    }

    func verify(_ token: String, by keys: StaffKeys) async throws -> StaffToken {
        try await keys.verify(token, logger: log.logger(level: .debug))
    }

    func advance(_ duration: Duration) { clock.withLockedValue { $0 = $0 + duration } }

    /// Claims that are right, with `changes` made to them: values as JSON, nil to leave one out.
    func claims(_ changes: [String: String?] = [:]) -> String {
        var claims: [String: String?] = [
            "iss": #""huiyin""#, "sub": #""p-0017""#, "role": #""officer""#, "unit": #""water-bureau""#, "jti": #""t-1""#,
            "iat": "\(seconds)", "exp": "\(seconds + 3600)",
        ]
        for (name, value) in changes { claims[name] = .some(value) }
        return "{" + claims.compactMap { name, value in value.map { #""\#(name)":\#($0)"# } }.sorted().joined(separator: ",") + "}"
    }

    func token(
        _ claims: String, header: String = #"{"alg":"EdDSA","kid":"one"}"#, by key: Curve25519.Signing.PrivateKey? = nil
    ) throws -> String {
        let input = Self.text(Data(header.utf8)) + "." + Self.text(Data(claims.utf8))
        return input + "." + Self.text(try (key ?? ed).signature(for: Data(input.utf8)))
    }

    func p256Token(_ claims: String) throws -> String {
        let input = Self.text(Data(#"{"alg":"ES256","kid":"curve"}"#.utf8)) + "." + Self.text(Data(claims.utf8))
        return input + "." + Self.text(try ec.signature(for: Data(input.utf8)).rawRepresentation)
    }

    static func text(_ bytes: Data) -> String {
        String(bytes.base64EncodedString().compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }
}
