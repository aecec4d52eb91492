import ArgumentParser
import Models
import ServiceKit

/// Issues staff tokens.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Issue staff tokens, and look after the keys that sign them.",
        subcommands: [Issue.self, TokenKeysCommand.self])

    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a token for one person, signed with the newest key.",
            discussion: """
                Whoever has the token acts as this person until it expires or its key is retired: hand it to nobody else. It is sent as \
                Authorization: Bearer TOKEN.
                """)

        @Option(help: "The staff number, never a name: a-z, 0-9 and single hyphens.") var person: String
        @Option(help: ArgumentHelp("\(StaffToken.roles.map(\.rawValue).joined(separator: ", ")).")) var role: String
        @Option(help: "The code of the unit that the person works for.") var unit: String
        @Option(help: "How many days the token is valid, 1 to 366; 30 when nothing is said.") var days: Int?
        @Option(help: "How many hours the token is valid instead, 1 to 8784.") var hours: Int?
        @Option(help: "The folder of keys; the house's when it is left out.") var keys: String?

        func run() async throws {
            let folder = try StaffKeyFolder.find(keys, environment: Environment.current)
            print(try await token(from: folder, at: SystemTime.now))
        }

        func token(from folder: StaffKeyFolder, at now: Instant) async throws -> String {
            let lasting = try lasting()
            let person = try Self.code(PersonCode.self, self.person, "--person")
            let unit = try Self.code(UnitCode.self, self.unit, "--unit")
            let roles = StaffToken.roles.map(\.rawValue).joined(separator: ", ")
            guard let role = Role(rawValue: role),
                let token = StaffToken(
                    person: person, role: role, unit: unit, issued: now, lasting: lasting, identifier: Self.identifier())
            else { throw CommandFailure("--role must be one of \(roles).") }
            let published = Set(try folder.publicKeys().compactMap(StaffKeyFolder.id))
            guard let key = try folder.keys().first(where: { published.contains($0.signer.id) }) else {
                throw CommandFailure("\(folder.path) holds no key to sign with: make one with `huiyin token keys make`.")
            }
            return try await key.signer.sign(token)
        }

        private func lasting() throws -> Duration {
            switch (days, hours) {
            case (.some, .some): throw CommandFailure("--days and --hours were both given: give one of them.")
            case (let days?, nil) where (1...366).contains(days): return .seconds(days * 86_400)
            case (nil, let hours?) where (1...8784).contains(hours): return .seconds(hours * 3600)
            case (nil, nil): return .seconds(30 * 86_400)
            default: throw CommandFailure("A token lasts 1 to 366 days, or 1 to 8784 hours.")
            }
        }

        private static func code<Value: Code>(_ type: Value.Type, _ text: String, _ option: String) throws -> Value {
            do throws(CodeError) {
                return try Value(validating: text)
            } catch {
                throw CommandFailure("\(option): \(error).")
            }
        }

        private static func identifier() -> String {
            let (high, low) = SystemTime.random
            return [high, low].map { word in
                let text = String(word, radix: 16)
                return String(repeating: "0", count: 16 - text.utf8.count) + text
            }.joined()
        }
    }
}
