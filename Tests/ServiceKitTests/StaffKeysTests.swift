import Crypto
import FoundationEssentials
import Glibc
import Models
import Testing

@testable import ServiceKit

@Suite("Staff keys") struct StaffKeysTests {
    @Test("a key that has just been published is found when a token names it")
    func rotation() async throws {
        try await StaffDesk.with { desk in
            let keys = try desk.keys()
            let next = Curve25519.Signing.PrivateKey()
            let token = try desk.token(desk.claims(), header: #"{"alg":"EdDSA","kid":"two"}"#, by: next)
            await #expect(throws: StaffTokenFault.unknownKey) { try await desk.verify(token, by: keys) }

            try desk.publish([desk.jwk("one"), desk.jwk("two", next)])
            desk.advance(StaffKeys.eagerInterval)

            #expect(try await desk.verify(token, by: keys).role == .officer)
            #expect(try await desk.verify(desk.token(desk.claims()), by: keys).role == .officer)
            #expect(desk.log.lines == ["info staff keys read again count=2"])
        }
    }

    @Test("a key that was taken out is retired within seconds, for remembered tokens too")
    func retirement() async throws {
        try await StaffDesk.with { desk in
            let keys = try desk.keys()
            let token = try desk.token(desk.claims())
            _ = try await desk.verify(token, by: keys)

            try desk.publish([desk.p256JWK])
            desk.advance(StaffKeys.interval)

            await #expect(throws: StaffTokenFault.unknownKey) { try await desk.verify(token, by: keys) }
        }
    }

    @Test("a key id that another key takes over does not revive the old one's tokens")
    func replacement() async throws {
        try await StaffDesk.with { desk in
            let keys = try desk.keys()
            let token = try desk.token(desk.claims())
            _ = try await desk.verify(token, by: keys)

            try desk.publish([desk.jwk("one", Curve25519.Signing.PrivateKey())])
            desk.advance(StaffKeys.interval)

            await #expect(throws: StaffTokenFault.wrongSignature) { try await desk.verify(token, by: keys) }
        }
    }

    @Test("a remembered token ends when it expires")
    func expiry() async throws {
        try await StaffDesk.with { desk in
            let keys = try desk.keys()
            let token = try desk.token(desk.claims(["exp": "1795000010"]))
            _ = try await desk.verify(token, by: keys)

            desk.advance(.seconds(9))
            #expect(try await desk.verify(token, by: keys).role == .officer)
            desk.advance(.seconds(1))
            await #expect(throws: StaffTokenFault.expired) { try await desk.verify(token, by: keys) }
        }
    }

    @Test("a file that is damaged or gone holds no keys, is said once, and comes back when it is put right")
    func damage() async throws {
        try await StaffDesk.with { desk in
            let keys = try desk.keys()
            let token = try desk.token(desk.claims())

            for text in ["{", nil] {
                if let text { _ = try desk.folder.file("jwks.json", text) } else { unlink(desk.path) }
                for _ in 0..<3 {
                    desk.advance(StaffKeys.interval)
                    await #expect(throws: StaffTokenFault.unknownKey) { try await desk.verify(token, by: keys) }
                }
            }
            #expect(desk.log.lines.count == 2)
            #expect(desk.log.lines.allSatisfy { $0.hasPrefix("error ") && $0.contains("HUIYIN_STAFF_KEYS") })

            try desk.publish([desk.jwk("one")])
            desk.advance(StaffKeys.interval)

            #expect(try await desk.verify(token, by: keys).role == .officer)
        }
    }

    @Test("keys of other kinds and for other uses are passed over")
    func others() throws {
        let text = #"""
            {"keys":[{"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"},{"kty":"OKP","crv":"X25519","kid":"x","x":"AA"},
            {"kty":"OKP","crv":"Ed25519","kid":"e","use":"enc","x":"AA"},{"kty":"OKP","crv":"Ed25519","x":"AA"}]}
            """#

        #expect(try StaffKeyFile.keys(in: Array(text.utf8)).isEmpty)
    }

    @Test(
        "a set that nobody could have meant is refused",
        arguments: [
            ("[]", "no key set"), (#"{"keys":{}}"#, "no key set"), ("", "no key set"), (#"{"keys":["a"]}"#, "not an object"),
            (#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AA"}]}"#, "Ed25519 key that cannot be read"),
            (#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"AA","y":"AA"}]}"#, "P-256 key that cannot be read"),
            (#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AA","d":"AA"}]}"#, "private key"),
            (#"{"keys":[{"kty":"oct","kid":"a","k":"AA"}]}"#, "private key"),
        ])
    func refused(text: String, words: String) throws {
        let fault = try #require(throws: StaffKeysFault.self) { try StaffKeyFile.keys(in: Array(text.utf8)) }

        #expect(fault.description.contains(words))
    }

    @Test("two keys with one id are refused")
    func twins() async throws {
        try await StaffDesk.with { desk in
            try desk.publish([desk.jwk("one"), desk.jwk("one", Curve25519.Signing.PrivateKey())])

            let error = try #require(throws: ConfigurationError.self) { try desk.keys() }

            #expect(error.variable == "HUIYIN_STAFF_KEYS" && error.description.contains("two keys"))
        }
    }

    @Test("a service does not start on a file that is missing or a path that is not absolute")
    func atStart() {
        for path in ["/nowhere/jwks.json", "jwks.json"] {
            var environment = testEnvironment
            environment["HUIYIN_STAFF_KEYS"] = path

            #expect(throws: ConfigurationError.self) {
                try ServiceConfiguration(for: .intake, from: SettingsReader(environment: environment))
            }
        }
    }

    @Test("no more tokens are remembered than there is room for; the one that ends first goes first")
    func memory() throws {
        var verified = VerifiedTokens(capacity: 2)
        let now = StaffDesk.start
        func token(_ seconds: Int) throws -> StaffToken {
            try #require(
                StaffToken(
                    person: PersonCode(validated: "p"), role: .clerk, unit: UnitCode(validated: "u"), issued: now,
                    lasting: .seconds(seconds), identifier: "\(seconds)"))
        }
        for seconds in [30, 10, 20] { verified.keep(try token(seconds), as: VerifiedTokens.digest("\(seconds)"), at: now) }

        #expect(verified.count == 2)
        #expect(try verified.find(VerifiedTokens.digest("10"), at: now) == nil)
        #expect(try verified.find(VerifiedTokens.digest("20"), at: now) == token(20))
        #expect(throws: StaffTokenFault.expired) { try verified.find(VerifiedTokens.digest("20"), at: now + .seconds(20)) }
        #expect(verified.count == 1)
    }
}
