import Testing

@testable import ServiceKit

@Suite struct SettingsTests {
    @Test("a setting is read from its variable, and falls back to its default")
    func value() throws {
        let setting = Setting<Int>.integer("HUIYIN_SWEEP_SIZE", meaning: "rows", example: "5", in: 1...10, default: 3)

        #expect(try SettingsReader(environment: ["HUIYIN_SWEEP_SIZE": "7"]).value(setting) == 7)
        #expect(try SettingsReader(environment: [:]).value(setting) == 3)
        #expect(try SettingsReader(environment: ["HUIYIN_SWEEP_SIZE": ""]).value(setting) == 3)
    }

    @Test("a missing setting is one sentence with the variable, its meaning and an example")
    func missing() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(for: .intake, from: SettingsReader(environment: [:]))
        }

        #expect(error?.variable == "HUIYIN_DATABASE_URL")
        #expect(
            error?.description
                == "HUIYIN_DATABASE_URL (the service's PostgreSQL database) is not set: set it, for example HUIYIN_DATABASE_URL="
                + "postgresql://huiyin_intake:password@127.0.0.1:5432/huiyin, or name a file that holds it in HUIYIN_DATABASE_URL_FILE.")
    }

    @Test(
        "a wrong value is a sentence that names the variable and shows an example",
        arguments: [
            ("HUIYIN_LISTEN", "7101", "must be a host and a port"),
            ("HUIYIN_LISTEN", "127.0.0.1:70000", "must be a host and a port"),
            ("HUIYIN_LOG_LEVEL", "loud", "must be one of trace, debug, info, notice, warning, error, critical"),
            ("HUIYIN_LOG_FORMAT", "xml", "must be one of text, json"),
            ("HUIYIN_OPERATOR_TOKEN", "short", "must be 16 or more"),
            ("HUIYIN_READY_FILE", "ready", "must be an absolute path"),
            ("HUIYIN_SHUTDOWN_LIMIT", "20", "must be a whole number with a unit"),
            ("HUIYIN_SHUTDOWN_LIMIT", "2h", "must lie between 1.0 seconds and 600.0 seconds"),
            ("HUIYIN_BROKER_URL", "http://rabbit", "must be an address that starts with amqp:// or amqps://"),
        ])
    func wrong(variable: String, text: String, fault: String) throws {
        var environment = testEnvironment
        environment[variable] = text

        let error = #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(for: .intake, from: SettingsReader(environment: environment))
        }

        #expect(error?.description.hasPrefix("\(variable) \(fault)") == true)
        #expect(error?.description.contains(": set it like \(variable)=") == true)
    }

    @Test("no sentence and no description shows a secret")
    func secretsStayHidden() throws {
        var environment = testEnvironment
        environment["HUIYIN_DATABASE_URL"] = "mysql://u:hunter2@h/d"
        let error = #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(for: .intake, from: SettingsReader(environment: environment))
        }
        environment = testEnvironment
        environment["HUIYIN_OPERATOR_TOKEN"] = "hunter2-hunter2-hunter2"

        let configuration = try ServiceConfiguration(for: .intake, from: SettingsReader(environment: environment))
        var dumped = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &dumped)

        #expect(error?.description.contains("hunter2") == false)
        #expect(!dumped.contains("hunter2"))
        #expect(!dumped.contains(":pw@"))
        #expect(configuration.database.revealed == "postgresql://intake:pw@127.0.0.1/huiyin")
    }

    @Test("a secret may come from a file, whose last line break does not count")
    func secretFile() async throws {
        try await TemporaryFolder.with { folder in
            let path = try folder.file("url", "amqp://u:p@h/v\n")
            let reader = SettingsReader(environment: ["HUIYIN_BROKER_URL_FILE": path])

            #expect(try reader.value(.brokerURL).revealed == "amqp://u:p@h/v")
        }
    }

    @Test("a secret's file that is missing, empty, too large or set twice is told by its own variable")
    func secretFileFaults() async throws {
        try await TemporaryFolder.with { folder in
            let empty = try folder.file("empty", "\n")
            let large = try folder.file("large", String(repeating: "x", count: 70_000))

            func sentence(_ environment: [String: String]) -> String {
                do {
                    _ = try SettingsReader(environment: environment).value(.brokerURL)
                    return "no error"
                } catch {
                    return error.description
                }
            }

            #expect(
                sentence(["HUIYIN_BROKER_URL_FILE": "/no/such"])
                    == "HUIYIN_BROKER_URL_FILE names /no/such, which cannot be opened (No such file or directory): "
                    + "give it the path of a readable file that holds nothing but the value.")
            #expect(sentence(["HUIYIN_BROKER_URL_FILE": empty]).contains("which is empty"))
            #expect(sentence(["HUIYIN_BROKER_URL_FILE": large]).contains("larger than 64 KiB"))
            #expect(sentence(["HUIYIN_BROKER_URL_FILE": empty, "HUIYIN_BROKER_URL": "amqp://x"]).contains("are both set"))
        }
    }

    @Test("a file is only looked for where the setting is a secret")
    func plainSettingHasNoFile() throws {
        let reader = SettingsReader(environment: ["HUIYIN_LOG_FORMAT_FILE": "/no/such"])

        #expect(try reader.value(.logFormat) == .text)
    }

    @Test("a key is exactly 32 bytes in base64")
    func keys() throws {
        let bytes = [UInt8](0..<32)
        let reader = SettingsReader(environment: [
            "HUIYIN_SEAL_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "HUIYIN_RECEIPT_KEY": "AAEC",
        ])

        #expect(try reader.value(.sealKey).bytes == bytes)
        #expect(throws: ConfigurationError.self) { try reader.value(.receiptKey) }
    }

    @Test("each service has its own port unless it is told another address")
    func ports() throws {
        let ports = try ServiceName.allCases.map {
            try ServiceConfiguration(for: $0, from: SettingsReader(environment: testEnvironment)).listen.description
        }

        #expect(ports == ["127.0.0.1:7101", "127.0.0.1:7102", "127.0.0.1:7103", "127.0.0.1:7104"])
    }

    @Test(
        "durations have a unit",
        arguments: [("250ms", Duration.milliseconds(250)), ("20s", .seconds(20)), ("5m", .seconds(300)), ("1h", .seconds(3600))])
    func durations(text: String, duration: Duration) throws {
        let setting = Setting<Duration>.duration("HUIYIN_X", meaning: "x", example: "1s", in: .zero ... .seconds(9999))

        #expect(try SettingsReader(environment: ["HUIYIN_X": text]).value(setting) == duration)
    }

    @Test("listen addresses are read and written alike", arguments: ["127.0.0.1:0", "localhost:7101", "[::1]:65535", "0.0.0.0:80"])
    func addresses(text: String) {
        #expect(ListenAddress(text)?.description == text)
    }

    @Test(
        "what is not a host and a port is refused",
        arguments: ["", ":", ":80", "h", "h:", "h:x", "h:-1", "h:65536", "::1:80", "[h]:80", "a b:80", "http://h:80", "h:+1"])
    func notAddresses(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
