import ArgumentParser
import FoundationEssentials
import Intake
import Models
import NIOHTTP1

/// Takes ledgers out and verifies them.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Take a case's ledger (台账) out, and verify it.", subcommands: [Get.self, Verify.self])

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a case's ledger byte for byte, to be kept and verified later; it holds what the petitioner wrote.")

        @Argument(help: "The case's number or identifier.") var id: String

        func run() async throws {
            let id = try CaseCommand.name(id)
            let bytes = try await IntakeClient.with { try await LedgerCommand.document(of: id, from: $0) }
            print(String(decoding: bytes, as: UTF8.self))
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether every line of a ledger follows from the one before; the exit status is 0 only then.")

        @Argument(help: "The case's number or identifier, or a file that `ledger get` made.") var ledger: String
        @Option(help: "The hash that the last line of a file must have, as an earlier verification printed it.") var head: String?

        func run() async throws {
            if let id = try? CaseCommand.name(ledger) {
                let (file, bytes) = try await IntakeClient.with { intake in
                    let file = try await intake.need(.GET, "/v1/cases/\(id)")
                    let document = try await LedgerCommand.document(of: id, from: intake)
                    return (file, document)
                }
                let hashes = try Self.verify(bytes)
                // The ledger may have grown between the two answers, never shrunk; and its chain is the one that the case's state names.
                guard case .integer(let expected)? = file["ledgerLines"], expected > 0, hashes.count >= expected else {
                    throw CommandFailure(
                        "NOT WHOLE: \(file["ledgerLines"]?.plain ?? "more") lines are on record, \(hashes.count) are there.")
                }
                guard file["ledgerHead"]?.plain == hashes[Int(expected) - 1] else {
                    throw CommandFailure(
                        "NOT WHOLE: line \(expected) is not the one that intake remembers; it, or one before it, was written anew.")
                }
                return print("whole: \(hashes.count) lines, the last \(hashes.last ?? "")")
            }
            guard let bytes = try? Array(Data(contentsOf: URL(fileURLWithPath: ledger))) else {
                throw CommandFailure("\(ledger.shown) is neither a case nor a file that can be read.")
            }
            let hashes = try Self.verify(bytes)
            let last = hashes.last ?? ""
            guard let head else {
                return print("whole: \(hashes.count) lines, the last \(last); whether lines are missing at its end, --head can tell")
            }
            guard head == last else { throw CommandFailure("NOT WHOLE: the last line is \(last), not \(head.shown).") }
            print("whole: \(hashes.count) lines, the last \(last)")
        }

        private static func verify(_ bytes: [UInt8]) throws -> [String] {
            do throws(LedgerChain.Fault) { return try LedgerChain.verify(bytes) } catch { throw CommandFailure("NOT WHOLE: \(error).") }
        }
    }

    private static func document(of id: String, from intake: IntakeClient) async throws -> [UInt8] {
        let reply: IntakeClient.Reply
        do { reply = try await intake.ask(.GET, "/v1/cases/\(id)/ledger") } catch { throw intake.silence }
        guard reply.status == 200 else { throw CommandFailure(reply.problem) }
        return reply.body
    }
}
