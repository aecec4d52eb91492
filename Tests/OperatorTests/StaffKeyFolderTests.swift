import ArgumentParser
import Foundation
import Glibc
import Logging
import Models
import PrivateServers
import ServiceKit
import Testing

@testable import Operator

@Suite("The keys of staff tokens")
struct StaffKeyFolderTests {
    static let now = Instant(microseconds: 1_795_000_000_000_000)

    private func withKeys(_ body: (StaffKeyFolder) async throws -> Void) async throws {
        try await withSupervisorFolder { try await body(StaffKeyFolder(path: $0.staffKeysFolder)) }
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    private func issue(_ options: [String] = [], from folder: StaffKeyFolder, at now: Instant = now) async throws -> String {
        let options = ["--person", "p-0017", "--role", "officer", "--unit", "water-bureau"] + options
        return try await TokenCommand.Issue.parse(options).token(from: folder, at: now)
    }

    /// Verified as a service would do it, which reads the public file alone.
    private func verify(_ token: String, by folder: StaffKeyFolder, at now: Instant = now) async throws -> StaffToken {
        try await StaffKeys(file: folder.publicFile) { now }.verify(token, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("Private keys are their owner's alone; the public file holds none and everybody may read it")
    func modes() async throws {
        try await withKeys { folder in
            let key = try folder.make(at: Self.now)

            #expect(mode(folder.privateFolder) == 0o700)
            #expect(mode("\(folder.privateFolder)/\(key.signer.id).json") == 0o600)
            #expect(mode(folder.publicFolder) == 0o755 && mode(folder.publicFile) == 0o644)
            let published = String(decoding: try #require(try PrivateFile.read(folder.publicFile)), as: UTF8.self)
            #expect(published.contains(key.signer.id) && !published.contains(#""d":"#))
        }
    }

    @Test("A token names its person, role and unit, and lasts as long as was asked")
    func issues() async throws {
        try await withKeys { folder in
            _ = try folder.make(at: Self.now)

            let month = try await verify(issue(from: folder), by: folder)
            let hour = try await verify(issue(["--hours", "1"], from: folder), by: folder)
            let week = try await verify(issue(["--days", "7"], from: folder), by: folder)

            #expect(month.acting == ActingPerson(role: .officer, unit: UnitCode("water-bureau"), person: PersonCode("p-0017")))
            #expect(month.issued == Self.now && month.expires - month.issued == .seconds(30 * 86_400))
            #expect(hour.expires - hour.issued == .seconds(3600) && week.expires - week.issued == .seconds(7 * 86_400))
            #expect(Set([month.identifier, hour.identifier, week.identifier]).count == 3)
        }
    }

    @Test("The newest key signs, the older one is still accepted, and a retired one is not")
    func rotation() async throws {
        try await withKeys { folder in
            let first = try folder.make(at: Self.now)
            let old = try await issue(from: folder)
            // A clock that was set back changes nothing about which is the newest.
            let second = try folder.make(at: Self.now - .seconds(60))
            let new = try await issue(from: folder)

            #expect(try folder.keys().map(\.signer.id) == [second.signer.id, first.signer.id])
            #expect(try TokenKeysCommand.List.lines(folder).first?.contains("signs new tokens") == true)
            _ = try await verify(old, by: folder)
            #expect(try folder.retire(first.signer.id))
            await #expect(throws: StaffTokenFault.unknownKey) { try await verify(old, by: folder) }
            _ = try await verify(new, by: folder)
            #expect(try !folder.retire(first.signer.id))
            #expect(!FileManager.default.fileExists(atPath: "\(folder.privateFolder)/\(first.signer.id).json"))
        }
    }

    @Test("A key of another issuer in the public file is kept, and can be retired")
    func foreignKeys() async throws {
        try await withKeys { folder in
            _ = try folder.make(at: Self.now)
            let foreign = StaffSigner(newKey: "ministry").publicKey
            let document = JSONValue.object(["keys": .array(try folder.publicKeys() + [foreign])])
            try PrivateFile.write(document.canonical, to: folder.publicFile)

            _ = try folder.make(at: Self.now)

            #expect(try folder.publicKeys().compactMap(StaffKeyFolder.id).contains("ministry"))
            #expect(try TokenKeysCommand.List.lines(folder).contains { $0.contains("ministry") && $0.contains("elsewhere") })
            #expect(try folder.retire("ministry"))
            #expect(try folder.publicKeys().count == 2)
        }
    }

    @Test(
        "What would make no valid token is refused with a sentence",
        arguments: [
            ["--role", "petitioner"], ["--role", "mayor"], ["--person", "Zhang San"], ["--unit", "../x"], ["--days", "0"],
            ["--days", "367"],
            ["--hours", "8785"], ["--days", "1", "--hours", "1"],
        ])
    func refuses(options: [String]) async throws {
        try await withKeys { folder in
            _ = try folder.make(at: Self.now)

            await #expect(throws: CommandFailure.self) { try await issue(options, from: folder) }
        }
    }

    @Test("Without a key nothing is signed, and a damaged one is not passed over")
    func damage() async throws {
        try await withKeys { folder in
            await #expect(throws: CommandFailure.self) { try await issue(from: folder) }
            let key = try folder.make(at: Self.now)
            try PrivateFile.write(Array("{}".utf8), to: "\(folder.privateFolder)/\(key.signer.id).json")

            await #expect(throws: CommandFailure.self) { try await issue(from: folder) }
        }
    }

    @Test("Keys are looked for where the option says, then the environment, then in the house")
    func finds() async throws {
        try await withSupervisorFolder { house in
            let environment = ["HUIYIN_HOME": house.home]
            #expect(throws: CommandFailure.self) { try StaffKeyFolder.find(nil, environment: environment) }
            try HouseSettings.generate().save(to: house)

            #expect(try StaffKeyFolder.find(nil, environment: environment).path == house.staffKeysFolder)
            let named = environment.merging(["HUIYIN_STAFF_KEY_FOLDER": "/keys"]) { $1 }
            #expect(try StaffKeyFolder.find(nil, environment: named).path == "/keys")
            #expect(try StaffKeyFolder.find("/mine", environment: named).path == "/mine")
        }
    }

    @Test("Every service of the house is told where the public keys are, whatever the environment says")
    func launch() async throws {
        try await withSupervisorFolder { house in
            var settings = HouseSettings.generate()
            settings.ports = try PortChoice.choose(known: [:], ownServers: true).ports
            let environment = ["HUIYIN_STAFF_KEYS": "/elsewhere", "HUIYIN_STAFF_KEY_FOLDER": "/elsewhere"]
            let servers = try HouseServers(settings: settings, folder: house, environment: [:])
            let launch = ServiceLaunch(folder: house, settings: settings, servers: servers, programs: "/bin", environment: environment)

            for service in HouseSettings.services {
                let variables = launch.plan(service: service, name: service, port: 1).environment

                #expect(variables["HUIYIN_STAFF_KEYS"] == StaffKeyFolder(path: house.staffKeysFolder).publicFile)
                #expect(variables["HUIYIN_STAFF_KEY_FOLDER"] == nil)
            }
        }
    }
}
