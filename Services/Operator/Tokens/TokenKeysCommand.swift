import ArgumentParser
import Models
import ServiceKit

/// Looks after the keys that sign staff tokens.
struct TokenKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, list and retire the keys that sign staff tokens.",
        discussion: """
            Services see a change within seconds, without a restart. To change keys: make a new one, issue new tokens, and retire the \
            old key once they are handed out.
            """,
        subcommands: [Make.self, List.self, Retire.self])

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key, sign with it from now on, and print its id.")

        @Flag(help: "Only when there is none yet.") var first = false
        @Option(help: "The folder of keys; the house's when it is left out.") var keys: String?

        func run() async throws {
            let folder = try StaffKeyFolder.find(keys, environment: Environment.current)
            if first {
                let made = try folder.makeFirst(at: SystemTime.now)
                let newest = try folder.keys().first?.signer.id ?? ""
                print(made == nil ? "\(newest) is there already" : newest)
                return
            }
            print(try folder.make(at: SystemTime.now).signer.id)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys, newest first: id, when it was made, and what it is for.")

        @Option(help: "The folder of keys; the house's when it is left out.") var keys: String?

        func run() async throws {
            for line in try Self.lines(try StaffKeyFolder.find(keys, environment: Environment.current)) { print(line) }
        }

        static func lines(_ folder: StaffKeyFolder) throws -> [String] {
            let own = try folder.keys()
            let published = try folder.publicKeys().compactMap(StaffKeyFolder.id)
            let signing = own.first { published.contains($0.signer.id) }?.signer.id
            let rows = own.map { key in
                let use =
                    key.signer.id == signing ? "signs new tokens" : published.contains(key.signer.id) ? "still accepted" : "not published"
                return [key.signer.id, key.made.description, use]
            }
            let known = Set(own.map(\.signer.id))
            return Console.table(rows + published.filter { !known.contains($0) }.map { [$0.shown, "-", "accepted, signed elsewhere"] })
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse every token that a key signed, from now on; there is no way back.")

        @Argument(help: "The key's id, as `huiyin token keys list` shows it.") var id: String
        @Option(help: "The folder of keys; the house's when it is left out.") var keys: String?

        func run() async throws {
            let folder = try StaffKeyFolder.find(keys, environment: Environment.current)
            guard try folder.retire(id) else {
                throw CommandFailure("\(folder.path) holds no key \(id.shown): see `huiyin token keys list`.")
            }
            print("retired \(id.shown)")
        }
    }
}
