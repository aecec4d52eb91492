import Crypto
import Foundation
import Logging
import Models
import Notification
import Operator
import ServiceKit

/// Something that reads what strangers send, with good inputs to begin from.
struct FuzzTarget: Sendable {
    let name: String
    let corpus: [[UInt8]]
    /// What means something here, to put in anywhere.
    let words: [[UInt8]]
    /// Reads an input and says whether it was taken as good; throws when something that must hold does not.
    let read: @Sendable ([UInt8]) async throws -> Bool

    struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    private init(
        _ name: String, _ corpus: [String], words: [String], read: @escaping @Sendable ([UInt8]) async throws -> Bool
    ) {
        (self.name, self.read) = (name, read)
        self.corpus = corpus.map { Array($0.utf8) }
        self.words = words.map { Array($0.utf8) }
    }

    static func all(county: String) async throws -> [FuzzTarget] {
        [try events(), table(), try files(of: county), try await tokens(), try receipts(), secrets()]
    }

    /// Messages of the broker: bundles of events.
    private static func events() throws -> FuzzTarget {
        let county = "0".padding(toLength: 64, withPad: "0", startingAt: 0)
        func event(_ facts: some EventFacts, _ type: (name: String, version: Int), _ source: Source) throws -> CaseEvent {
            try CaseEvent(
                id: EventID(UniqueID(high: 0x0199_0000_0000_7000, low: 0x8000_0000_0000_0001)), source: source,
                subject: Subject(UniqueID(high: 0x0199_0000_0000_7000, low: 0x8000_0000_0000_0002)), type: type.name, version: type.version,
                time: Instant(microseconds: 1_790_000_000_000_000), sequence: 1, after: SourcePositions(), county: county,
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", stating: facts)
        }
        let registered = CaseRegistered(
            number: "20260901-000000001", kind: .help, channel: .hotline, urgency: .emergency, title: "路灯\u{1F6A7}",
            narrative: "不亮\n三天 \"引号\"",
            topic: nil, region: nil, occurred: nil, anonymous: false,
            petitioners: [.init(person: "0f", contact: SealedText(text: "sealed"))], registered: Instant(microseconds: 1), receipt: "r")
        let bundle = EventBundle.pack([try event(registered, (CaseRegistered.type, CaseRegistered.version), .intake)])
        return FuzzTarget(
            "events", bundle.map { String(decoding: $0, as: UTF8.self) } + ["[]", "[{}]"],
            words: [
                "{", "}", "[", "]", "\"", "\\u0000", "\\ud800", "\\", ",", ":", "null", "true", "1e999", "-0", "9223372036854775808", "0.1",
                "\"data\":", "\"id\":", "\"sequence\":", "\"type\":\"case.assigned\"", "\"type\":\"county.published\"", "\u{FEFF}", "路",
            ]
        ) { bytes in
            guard let elements = try? EventBundle.unpack(bytes) else { return false }
            var isGood = false
            for case .event(let event) in elements {
                // What was read is written and read again as the same.
                guard try CaseEvent(wire: event.wire) == event else {
                    throw Broken(description: "an event does not read as it was written")
                }
                if (try? event.facts(CaseRegistered.self)) != nil { isGood = true }
            }
            return isGood
        }
    }

    /// Tables that are imported.
    private static func table() -> FuzzTarget {
        FuzzTarget(
            "table",
            [
                "kind,title,narrative\nhelp,\"路灯, 不亮\",\"第一行\r\n第二行 \"\"引号\"\"\"\r\nclaim,b,c\n", "a\n\"\"\n",
                "\u{FEFF}a,b\r\n1,2\r\n\r\n3,4",
            ],
            words: ["\"", "\"\"", ",", "\n", "\r\n", "\r", "\u{FEFF}", "路灯", "\u{0}", "a,b\n"]
        ) { bytes in
            var reader = CSVReader(bytes)
            var (records, steps) = (0, 0)
            while let item = reader.next() {
                steps += 1
                if case .record = item { records += 1 }
                guard steps <= bytes.count + 1 else { throw Broken(description: "the reader of tables does not come to an end") }
            }
            return records > 1
        }
    }

    /// The county's files, each by itself.
    private static func files(of county: String) throws -> FuzzTarget {
        let names = try FileManager.default.subpathsOfDirectory(atPath: county).filter { $0.hasSuffix(".yaml") }.sorted()
        let texts = try names.map { name in
            (name, String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(county)/\(name)")), as: UTF8.self))
        }
        // Long files are cut at the end of a line: what is read of them is the same a hundred times.
        let corpus = texts.map { name, text in
            "\(name)\n" + text.split(separator: "\n", omittingEmptySubsequences: false).prefix(60).joined(separator: "\n") + "\n"
        }
        return FuzzTarget(
            "county", corpus,
            words: [
                ": ", "- ", "\n", "  ", "{", "}", "[", "]", "\"", "'", "#", "&a ", "*a", "<<: *a\n", "|", ">", "!!binary ", "---\n",
                "...\n",
                "?", "\t", "15 days", "-1", "99999999999999999999", "2026-02-30", "0x1", "~", "null", "zh", "路",
            ]
        ) { bytes in
            let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
            let name = String(decoding: bytes[..<end], as: UTF8.self)
            return CountyCompiler.mistakes(inFile: name, bytes: Array(bytes[end...].dropFirst())).isEmpty
        }
    }

    /// Tokens of staff.
    private static func tokens() async throws -> FuzzTarget {
        let signer = StaffSigner(newKey: "k1")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(ProcessInfo.processInfo.processIdentifier).json")
        try Data("{\"keys\":[\(String(decoding: signer.publicKey.canonical, as: UTF8.self))]}".utf8).write(to: file)
        let keys = try StaffKeys(file: file.path)
        guard
            let person = PersonCode("p-1"), let unit = UnitCode("town"),
            let claims = StaffToken(
                person: person, role: .clerk, unit: unit, issued: SystemTime.now, lasting: .seconds(86_400), identifier: "t-1")
        else { throw Broken(description: "no token") }
        let token = try await signer.sign(claims)
        let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        let signed = try await keys.verify(token, logger: logger)
        return FuzzTarget(
            "tokens", [token],
            words: [".", "=", "e30", "eyJhbGciOiJub25lIn0", "-", "_", "A", "\u{0}", "bnVsbA", "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0"]
        ) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let read = try? await keys.verify(text, logger: logger) else { return false }
            // Base64 has several spellings of the same bytes: what counts is what was signed.
            guard read == signed else { throw Broken(description: "a token that nobody signed was taken as good") }
            return true
        }
    }

    /// Receipts that petitioners show.
    private static func receipts() throws -> FuzzTarget {
        guard let signer = ReceiptSigner(seed: [UInt8](repeating: 7, count: 32)) else { throw Broken(description: "no signer") }
        let receipt = try Receipt.issue(
            id: CaseID(UniqueID(high: 0x0199_0000_0000_7000, low: 0x8000_0000_0000_0001)), number: "20260901-000000001", code: "CODE",
            registered: Instant(microseconds: 1_790_000_000_000_000), county: "c", signer: signer)
        guard let raw = Data(base64Encoded: signer.publicKey) else { throw Broken(description: "no key") }
        let key = try Curve25519.Signing.PublicKey(rawRepresentation: raw)
        return FuzzTarget(
            "receipts", [String(decoding: try JSONCoding.encode(receipt), as: UTF8.self)],
            words: ["\"", "{", "}", ":", "0", "=", "A", "\\u0030", "null", "\"number\":", ","]
        ) { bytes in
            guard let read = try? JSONCoding.decode(Receipt.self, from: bytes), read.isValid(under: key) else { return false }
            guard read == receipt else { throw Broken(description: "a receipt that nobody signed was taken as good") }
            return true
        }
    }

    /// Secrets of subscriptions, and bodies that are signed with them.
    private static func secrets() -> FuzzTarget {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        return FuzzTarget(
            "secrets", [secret, secret + " {\"specversion\":\"1.0\"}"],
            words: ["whsec_", "=", "==", "A", " ", "\u{0}", "路", "whsec_whsec_"]
        ) { bytes in
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1).map(String.init)
            let body = Array((parts.count > 1 ? parts[1] : "").utf8)
            let headers = WebhookSignature.headers(
                id: "msg_1", at: Instant(microseconds: 1_790_000_000_000_000), body: body, secrets: [parts.first ?? ""])
            guard headers.count == 3 else { throw Broken(description: "a request without its three headers") }
            return headers[2].value.hasPrefix("v1,")
        }
    }
}
