import Crypto
import FoundationEssentials
import Models
import Testing

@testable import ServiceKit

@Suite("Staff tokens") struct StaffTokenTests {
    @Test("name a person, a role and a unit, under either kind of key")
    func verified() async throws {
        try await StaffDesk.with { desk in
            let keys = try desk.keys()

            for text in [try desk.token(desk.claims()), try desk.p256Token(desk.claims())] {
                let token = try await desk.verify(text, by: keys)

                #expect(token.acting == ActingPerson(role: .officer, unit: UnitCode("water-bureau"), person: PersonCode("p-0017")))
                #expect(token.identifier == "t-1")
                #expect(token.expires - token.issued == .seconds(3600))
            }
        }
    }

    @Test("that a signer made are verified by its public half")
    func signed() async throws {
        try await StaffDesk.with { desk in
            let signer = try #require(StaffSigner(StaffSigner(newKey: "two").privateKey))
            try desk.publish([signer.publicKey.text])
            let token = try #require(
                StaffToken(
                    person: PersonCode(validated: "p-1"), role: .unitHead, unit: UnitCode(validated: "u"), issued: StaffDesk.start,
                    lasting: .seconds(60), identifier: "x"))

            let text = try await signer.sign(token)

            #expect(try await desk.verify(text, by: desk.keys()) == token)
            #expect(!"\(signer) \(String(reflecting: signer))".contains("d"))
        }
    }

    @Test(
        "with a wrong claim are refused with a sentence of its own",
        arguments: [
            ("iss", nil, .wrongIssuer), ("iss", #""elsewhere""#, .wrongIssuer), ("aud", #""huiyin""#, .wrongAudience),
            ("sub", nil, .wrongPerson), ("sub", #""Zhang San""#, .wrongPerson), ("sub", "17", .wrongPerson),
            ("role", nil, .wrongRole), ("role", #""mayor""#, .wrongRole), ("role", #""petitioner""#, .wrongRole),
            ("unit", nil, .wrongUnit), ("unit", #""No Unit""#, .wrongUnit), ("jti", nil, .noIdentifier), ("jti", #""""#, .noIdentifier),
            ("iat", nil, .noIssueTime), ("iat", #""now""#, .noIssueTime), ("iat", "1795000061", .issuedInFuture),
            ("iat", "-1", .noIssueTime), ("exp", nil, .noExpiry), ("exp", "1e300", .noExpiry), ("exp", "null", .noExpiry),
            ("exp", "1795000000", .expired), ("exp", "1794999999.5", .expired), ("nbf", "1795000061", .notYetValid),
            ("nbf", #""later""#, .notYetValid),
        ] as [(String, String?, StaffTokenFault)])
    func wrongClaim(name: String, value: String?, fault: StaffTokenFault) async throws {
        try await StaffDesk.with { desk in
            let token = try desk.token(desk.claims([name: value]))
            let keys = try desk.keys()

            await #expect(throws: fault) { try await desk.verify(token, by: keys) }
        }
    }

    @Test("issued by a clock that is a minute ahead are still accepted")
    func leeway() async throws {
        try await StaffDesk.with { desk in
            let token = try desk.token(desk.claims(["iat": "1795000060", "nbf": "1795000060"]))

            #expect(try await desk.verify(token, by: desk.keys()).role == .officer)
        }
    }

    @Test(
        "with a wrong header are refused, whatever their signature",
        arguments: [
            (#"{"alg":"none","kid":"one"}"#, .wrongAlgorithm), (#"{"alg":"HS256","kid":"one"}"#, .wrongAlgorithm),
            (#"{"alg":"ES256","kid":"one"}"#, .wrongAlgorithm), (#"{"alg":"EdDSA","kid":"curve"}"#, .wrongAlgorithm),
            (#"{"kid":"one"}"#, .wrongAlgorithm), (#"{"alg":"EdDSA","kid":"one","crit":["b64"]}"#, .wrongAlgorithm),
            (#"{"alg":"EdDSA"}"#, .noKeyID), (#"{"alg":"EdDSA","kid":1}"#, .noKeyID), (#"{"alg":"EdDSA","kid":"two"}"#, .unknownKey),
            ("[]", .malformed), ("", .malformed),
        ] as [(String, StaffTokenFault)])
    func wrongHeader(header: String, fault: StaffTokenFault) async throws {
        try await StaffDesk.with { desk in
            let token = try desk.token(desk.claims(), header: header)
            let keys = try desk.keys()

            await #expect(throws: fault) { try await desk.verify(token, by: keys) }
        }
    }

    @Test("without a signature, with another's, or changed after signing are refused")
    func wrongSignature() async throws {
        try await StaffDesk.with { desk in
            let keys = try desk.keys()
            let right = try desk.token(desk.claims()).split(separator: ".")
            let grander = StaffDesk.text(Data(desk.claims(["role": #""administrator""#]).utf8))
            let none = StaffDesk.text(Data(#"{"alg":"none","kid":"one"}"#.utf8))

            let wrong: [(String, StaffTokenFault)] = [
                ("\(right[0]).\(right[1]).", .wrongSignature), ("\(right[0]).\(grander).\(right[2])", .wrongSignature),
                ("\(right[0]).\(right[1]).!!!!", .wrongSignature), ("\(none).\(right[1]).", .wrongAlgorithm),
                (try desk.token(desk.claims(), by: Curve25519.Signing.PrivateKey()), .wrongSignature),
                (try desk.p256Token(desk.claims()) + "AAAA", .wrongSignature), ("\(right[0]).\(right[1])", .malformed),
                ("", .malformed), (String(repeating: "a", count: StaffKeys.tokenLimit + 1), .malformed),
            ]

            for (token, fault) in wrong { await #expect(throws: fault) { try await desk.verify(token, by: keys) } }
        }
    }

    @Test("have a sentence for every fault, which ends with what to do")
    func sentences() {
        let sentences = StaffTokenFault.allCases.map(\.description)

        #expect(Set(sentences).count == sentences.count)
        for sentence in sentences { #expect(sentence.hasSuffix(".") && sentence.contains(": ")) }
    }
}
