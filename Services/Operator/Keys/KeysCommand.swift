import ArgumentParser
import FoundationEssentials
import Glibc
import Models
import Postgres
import ServiceKit

/// Changes the key that seals personal data.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Change the key that seals personal data.", subcommands: [Rotate.self, Reseal.self, Pending.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new seal key, bring it into force and seal again what former keys sealed.",
            discussion: """
                The house goes on working: processes of intake and notification are restarted one after another. Run it again when it \
                was cut off: it goes on where it was. Former keys are kept: the ledger, which is hashed history, stays sealed under them.
                """)

        func run() async throws {
            let rotation = KeyRotation(folder: .current(environment: Environment.current), console: Console())
            try await rotation.run()
            try await KeysCommand.reseal(try rotation.current().seal())
            try rotation.finish()
        }
    }

    struct Reseal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal again what former keys sealed; the keys come from the environment, else from the house.")

        func run() async throws { try await KeysCommand.reseal(try KeysCommand.seal()) }
    }

    struct Pending: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Count what is still sealed under former keys and can be sealed again.")

        func run() async throws {
            let seal = try KeysCommand.seal()
            print(try await DeadCommand.withDatabase { try await Resealing(client: $0, seal: seal).pending() })
        }
    }

    private static func seal() throws -> SealKey {
        if Environment.current["HUIYIN_SEAL_KEY"] ?? Environment.current["HUIYIN_SEAL_KEY_FILE"] != nil {
            return try SettingsReader(environment: Environment.current).seal()
        }
        return try KeyRotation(folder: .current(environment: Environment.current), console: Console()).current().seal()
    }

    private static func reseal(_ seal: SealKey) async throws {
        let bar = ProgressBar(isShown: isatty(STDERR_FILENO) == 1)
        let count = try await DeadCommand.withDatabase { client in
            try await Resealing(client: client, seal: seal).run { share in bar.show(share) }
        }
        bar.end()
        print("sealed again under key \(seal.id): \(count)")
    }
}
