import Glibc
import ServiceKit
import TestSupport
import Testing

@testable import Notification

@Suite("The file of ways")
struct WayFileTests {
    private static let whole = """
        ways:
          mail:
            kind: smtp
            server: smtps://mail.county.example:465
            sender: petitions@county.example
            sender-name: 测试县信访局
            user: huiyin
            password-variable: MAIL_PASSWORD
          sms:
            kind: sms
            url: https://sms.example.org/send?app={{token}}
            headers:
              Content-Type: application/json
              Authorization: Bearer {{token}}
            body: '{"to":"{{phone}}","text":"{{text}}"}'
            secrets: {token-variable: SMS_TOKEN}
            success: {status: 200, text: '"code":0'}
            never: {text: invalid}
            per-second: 20
          gateway: {kind: webhook, url: "https://units.example.org/notices"}
          outbox: {kind: letter, folder: /var/lib/huiyin/letters}
          files: {kind: file}
        reach:
          petitioners: [sms, mail, outbox]
          units: [gateway, mail, files]
        """
    private static let secrets = WaySecrets(environment: ["MAIL_PASSWORD": "p", "SMS_TOKEN": "t"])

    private func faults(_ text: String, _ secrets: WaySecrets = secrets) -> [String] {
        var faults: [WayFault] = []
        let file = WayFile.read(text, secrets, &faults)
        #expect((file == nil) == !faults.isEmpty)
        return faults.map(\.description)
    }

    @Test("gives the ways and who is reached by which")
    func good() throws {
        var faults: [WayFault] = []

        let file = try #require(WayFile.read(Self.whole, Self.secrets, &faults))

        #expect(faults.isEmpty)
        #expect(file.ways.map(\.name) == ["mail", "sms", "gateway", "outbox", "files"])
        #expect(file.routes == NoticeRoutes(petitioners: ["sms", "mail", "outbox"], units: ["gateway", "mail", "files"]))
    }

    @Test(
        "names the line of a mistake and what to do",
        arguments: [
            ("kind: webhook,", "kind: webhok,", "line 20: there is no such kind of way. Write one of: smtp, sms, webhook, file, letter."),
            ("smtps://mail", "mail", "line 4: the address of the mail server is not like"),
            ("sender: petitions@county.example", "sender: petitions", "line 5: \"sender\" is no mail address."),
            ("[sms, mail, outbox]", "[sms, mial]", "line 24: there is no way \"mial\"."),
            ("{{phone}}", "{{telephone}}", "line 15: there is nothing called \"telephone\" to put in."),
            (#""{{text}}""#, "{{text}}x", "line 15: the body is no JSON once its gaps are filled with words."),
            ("per-second: 20", "per-second: many", "line 19: \"per-second\" is no whole number from 1 to 10000."),
            ("per-second", "persecond", "line 19: the way \"sms\" knows no \"persecond\"."),
            ("Content-Type: application/json", "Content-Type: text/xml", "line 15: nobody can tell how values are written into this body."),
            ("{token-variable: SMS_TOKEN}", "{token: geheim}", "line 16: \"token\" says not where the secret is."),
            ("password-variable: MAIL_PASSWORD", "password-variable: NONE", "line 8: the environment variable"),
            ("            user: huiyin\n", "", "\"user\" and its password do not stand there together."),
            ("/var/lib/huiyin/letters", "letters", "line 21: \"folder\" is no absolute path."),
            ("units: [gateway, mail, files]", "units: [gateway, mail]", "nobody is reached by \"files\"."),
            ("reach:", "ways:", "line 1: \"ways\" stands there twice."),
        ])
    func mistakes(right: String, wrong: String, sentence: String) {
        let text = Self.whole.replacing(right.trimmingIndent, with: wrong)

        let found = faults(text)

        #expect(found.count >= 1)
        #expect(found.contains { $0.contains(sentence) }, "\(found)")
        #expect(!found.contains { $0.contains("geheim") })
    }

    @Test("says nothing of a secret that a setting would repeat, and stops the start with one sentence")
    func start() throws {
        let directory = try TestDirectory()
        let file = directory.path + "/ways.yaml"
        let settings = SettingsReader(environment: [
            "HUIYIN_NOTICES_DIRECTORY": directory.path + "/notices", "HUIYIN_NOTICE_WAYS": file,
        ])
        let client = HTTPExchange.client

        #expect(throws: StartupFailure("HUIYIN_NOTICE_WAYS: \(file): the file cannot be read. Create it, readable by the service's user."))
        {
            try NoticeWays(settings, environment: [:], client: client)
        }

    }

    @Test("without one, notices go into files, and those to units to the webhook where there is one")
    func none() throws {
        let directory = try TestDirectory()
        let folder = directory.path + "/notices"
        let client = HTTPExchange.client

        let plain = try NoticeWays(SettingsReader(environment: ["HUIYIN_NOTICES_DIRECTORY": folder]), environment: [:], client: client)
        let posting = try NoticeWays(
            SettingsReader(environment: ["HUIYIN_NOTICES_DIRECTORY": folder, "HUIYIN_NOTICE_WEBHOOK": "http://127.0.0.1:1/n"]),
            environment: [:], client: client)

        #expect(plain.carriers.map(\.name) == ["file"] && plain.routes == .files)
        #expect(posting.carriers.map(\.name) == ["file", "webhook"])
        #expect(posting.routes == NoticeRoutes(petitioners: ["file"], units: ["webhook"]))
        #expect(access(folder, W_OK) == 0)
    }
}

extension String {
    /// The literal as it stands in a text whose own indentation was taken away.
    fileprivate var trimmingIndent: String { replacing("            user", with: "    user") }
}
