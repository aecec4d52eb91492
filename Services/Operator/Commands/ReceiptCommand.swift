import ArgumentParser
import Crypto
import FoundationEssentials
import Models
import NIOHTTP1

/// Checks receipts.
struct ReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt", abstract: "Check receipts.", subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether the county signed exactly this receipt; the exit status is 0 only then.")

        @Argument(help: "The receipt as a JSON file, or - for standard input.") var file: String
        @Option(help: "The county's public key, 32 bytes in base64; asked from intake when it is left out.") var key: String?

        func run() async throws {
            let path = file == "-" ? "/dev/stdin" : file
            guard let bytes = try? Array(Data(contentsOf: URL(fileURLWithPath: path))) else {
                throw CommandFailure("The file \(file) cannot be read.")
            }
            guard let tree = try? JSONValue(parsing: bytes), let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(bytes)) else {
                throw CommandFailure("\(file) is no receipt: it must be the JSON document that intake gave.")
            }
            // A receipt has its own members and no others, byte for byte as they were signed; editors end a file with a line feed.
            guard tree.canonical == receipt.canonical, bytes == receipt.canonical || bytes == receipt.canonical + [0x0A] else {
                throw CommandFailure("NOT VALID: the receipt was changed or has something added.")
            }
            let text: String
            if let key { text = key } else { text = try await Self.publicKey(named: receipt.key) }
            guard let raw = Data(base64Encoded: text), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw) else {
                throw CommandFailure("The public key must be 32 bytes in base64.")
            }
            guard receipt.isValid(under: key) else { throw CommandFailure("NOT VALID: the county's key did not sign this receipt.") }
            print("valid: case \(receipt.number), registered \(receipt.registered)")
        }

        private static func publicKey(named id: String) async throws -> String {
            try await IntakeClient.with { intake in
                for key in try await intake.need(.GET, "/v1/keys")["keys"]?.elements ?? [] where key["id"]?.plain == id {
                    return key["public"]?.plain ?? ""
                }
                throw CommandFailure("NOT VALID: the county has no key \(id.shown).")
            }
        }
    }
}
