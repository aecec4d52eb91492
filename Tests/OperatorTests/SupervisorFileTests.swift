import Crypto
import Foundation
import Glibc
import PrivateServers
import Testing

@testable import Operator

@Suite("What the supervisor keeps in files")
struct SupervisorFileTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test("Settings are generated once, kept, and readable by their owner only")
    func settingsRoundTrip() async throws {
        try await withSupervisorFolder { folder in
            #expect(try HouseSettings.load(from: folder) == nil)
            var settings = HouseSettings.generate()
            settings.ports = ["intake": 40_001]

            try settings.save(to: folder)

            #expect(try HouseSettings.load(from: folder) == settings)
            #expect(mode(folder.settingsFile) == 0o600)
            #expect(mode(folder.logFolder) == 0o700)
            let seed = try #require(Data(base64Encoded: settings.receiptKey))
            let published = try #require(try PrivateFile.read(folder.receiptKeyFile))
            let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed).publicKey.rawRepresentation
            #expect(String(decoding: published, as: UTF8.self) == key.base64EncodedString() + "\n")
        }
    }

    @Test("No two secrets of generated settings are alike, and none shows when printed")
    func secretsDiffer() {
        let one = HouseSettings.generate()
        let two = HouseSettings.generate()
        let secrets = [one, two].flatMap {
            [$0.databasePassword, $0.brokerPassword, $0.sealKey, $0.receiptKey, $0.operatorToken, $0.mark] + $0.rolePasswords.values
        }

        #expect(Set(secrets).count == secrets.count)
        var dumped = ""
        dump(one, to: &dumped)
        for secret in secrets { #expect(!"\(one) \(String(reflecting: one)) \(dumped)".contains(secret)) }
    }

    @Test("Damaged settings are an error with a remedy and never overwritten")
    func damagedSettings() async throws {
        try await withSupervisorFolder { folder in
            try PrivateFile.write(Array("{".utf8), to: folder.settingsFile)

            #expect(throws: UpFailure.self) { try HouseSettings.load(from: folder) }
        }
    }

    @Test("The house is found from a folder below it")
    func findsHouse() async throws {
        try await withSupervisorFolder { folder in
            try HouseSettings.generate().save(to: folder)
            let below = folder.home + "/deploy/county"
            try FileManager.default.createDirectory(atPath: below, withIntermediateDirectories: true)

            #expect(HouseFolder.current(environment: [:], from: below) == folder)
            #expect(HouseFolder.current(environment: ["HUIYIN_HOME": "/elsewhere"], from: below).home == "/elsewhere")
        }
    }

    @Test("Addresses come from the settings, and the environment wins one by one")
    func findsAddresses() async throws {
        try await withSupervisorFolder { folder in
            #expect(throws: UpFailure.self) { try HouseAddresses.find(environment: [:], folder: folder) }
            var settings = HouseSettings.generate()
            settings.ports = try PortChoice.choose(known: [:], ownServers: true).ports
            try settings.save(to: folder)

            let addresses = try HouseAddresses.find(
                environment: ["HUIYIN_OPERATOR_TOKEN": "t", "HUIYIN_INTAKE_URL": "http://10.0.0.1:80"], folder: folder)

            #expect(addresses.operatorToken == "t")
            #expect(addresses.services["intake"] == "http://10.0.0.1:80")
            #expect(addresses.services["routing"] == "http://127.0.0.1:\(settings.ports["routing"] ?? 0)")
            #expect(addresses.databaseURL.contains(":\(settings.ports["postgresql"] ?? 0)/"))
            #expect(!"\(addresses)".contains(settings.databasePassword))
        }
    }

    @Test("A house on servers of one's own is found once the environment names them")
    func findsOwnServers() async throws {
        try await withSupervisorFolder { folder in
            var settings = HouseSettings.generate()
            settings.ports = try PortChoice.choose(known: [:], ownServers: false).ports
            try settings.save(to: folder)
            let servers = ["HUIYIN_DATABASE_URL": "postgresql://d", "HUIYIN_BROKER_URL": "amqp://b"]

            let addresses = try HouseAddresses.find(environment: servers, folder: folder)
            let error = #expect(throws: UpFailure.self) { try HouseAddresses.find(environment: [:], folder: folder) }

            #expect(addresses.databaseURL == "postgresql://d" && addresses.brokerURL == "amqp://b")
            #expect(addresses.operatorToken == settings.operatorToken)
            #expect("\(String(describing: error))".contains("HUIYIN_DATABASE_URL"))
        }
    }

    @Test("Only one supervisor holds the lock, and its end frees it")
    func lockIsExclusive() async throws {
        try await withSupervisorFolder { folder in
            var lock = try HouseLock.take(folder)
            #expect(lock != nil)
            #expect(try HouseLock.take(folder) == nil)

            lock = nil

            #expect(try HouseLock.take(folder) != nil)
        }
    }

    @Test("A log over the limit is turned: its writer goes on, older copies move up, the oldest goes")
    func turnsLogs() async throws {
        try await withSupervisorFolder { folder in
            let path = folder.logFile("intake")
            let rotation = LogRotation(folder: folder.logFolder, limit: 10, kept: 2)
            let writer = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            defer { close(writer) }
            for line in ["first line\n", "second line\n", "third line\n"] {
                #expect(write(writer, line, line.utf8.count) == line.utf8.count)
                rotation.turn()
            }

            #expect(write(writer, "short\n", 6) == 6)
            rotation.turn()

            #expect(LogTail.lines(of: path, limit: 9) == ["short"])
            #expect(LogTail.lines(of: path + ".1", limit: 9) == ["third line"])
            #expect(LogTail.lines(of: path + ".2", limit: 9) == ["second line"])
            #expect(mode(path + ".1") == 0o600)
            #expect(!FileManager.default.fileExists(atPath: path + ".3"))
        }
    }

    @Test("A log reader gives whole lines only and starts again after a turn")
    func readsNewLines() async throws {
        try await withSupervisorFolder { folder in
            let path = folder.logFile("x")
            try PrivateFile.write(Array("old\none\ntw".utf8), to: path)
            var reader = LogReader(path: path, position: 4)
            #expect(reader.newLines() == ["one"])

            try PrivateFile.write(Array("old\none\ntwo\n".utf8), to: path)
            #expect(reader.newLines() == ["two"])

            try PrivateFile.write(Array("new\n".utf8), to: path)
            #expect(reader.newLines() == ["new"])
        }
    }

    @Test("A process is told from another that has its number at another time")
    func identityHoldsStartTime() throws {
        let own = try #require(ProcessIdentity(of: getpid()))
        let text = String(decoding: try JSONEncoder().encode(own), as: UTF8.self)
        let other = text.replacing("\"startTicks\":\(own.startTicks)", with: "\"startTicks\":\(own.startTicks + 1)")

        #expect(own.isAlive)
        #expect(try !JSONDecoder().decode(ProcessIdentity.self, from: Data(other.utf8)).isAlive)
        #expect(ProcessIdentity(of: 0) == nil)
    }

    @Test("A file of a run that cannot be read counts as absent, and never as a reason to remove all data")
    func unreadableNotes() async throws {
        try await withSupervisorFolder { folder in
            try PrivateFile.write(Array("{".utf8), to: folder.boardFile)
            try PrivateFile.write(Array("[]".utf8), to: folder.supervisorFile)

            #expect(try Board.ofRunningHouse(in: folder) == nil)
            #expect(try RunningHouse(folder: folder, console: Console()).supervisor() == nil)
            #expect(try await !RunningHouse(folder: folder, console: Console()).stop())
        }
    }

    @Test("What is removed with the data outside the clone is known without the settings, and never anything else")
    func foldersToPurge() async throws {
        try await withSupervisorFolder { folder in
            var settings = HouseSettings.generate()
            let own = "/var/lib/huiyin-\(DatabaseFolder.mark(of: folder.home))"
            #expect(DatabaseFolder.toPurge(folder, settings: nil) == own)
            #expect(DatabaseFolder.toPurge(folder, settings: settings) == nil)

            settings.databaseFolder = own + "/postgresql"
            #expect(DatabaseFolder.toPurge(folder, settings: settings) == own)

            settings.databaseFolder = "/srv/other/postgresql"
            #expect(DatabaseFolder.toPurge(folder, settings: settings) == nil)
        }
    }

    @Test("Others may pass through the database's folder, whatever the umask was when it was made")
    func opensFolder() async throws {
        try await withSupervisorFolder { folder in
            let place = folder.home + "/database"
            #expect(mkdir(place, 0o700) == 0)

            try DatabaseFolder.open(place)

            #expect(mode(place) == 0o711)
        }
    }

    @Test("Without a mark only pid files tell whose a process is")
    func noMark() async throws {
        try await withSupervisorFolder { folder in
            let ended = try await Orphans(folder: folder, mark: nil).end()

            #expect(ended.isEmpty)
        }
    }

    @Test("A port that somebody listens on is not free")
    func seesTakenPorts() throws {
        #expect(LoopbackPort.isFree(try LoopbackPort.choose()))
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let port = try LoopbackPort.bind(descriptor)
        #expect(listen(descriptor, 1) == 0)

        #expect(!LoopbackPort.isFree(port))
    }
}
