import Crypto
import FoundationEssentials
import Models
import ServiceKit

/// What `up` chose once for this clone and keeps in `.huiyin/settings.json`: ports, passwords and keys.
///
/// Whoever loses the file loses the sealed personal data with it, so `up` never writes new secrets over old ones.
public struct HouseSettings: Codable, Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The services, in the order in which they are started.
    public static let services = ["intake", "routing", "deadline", "notification"]

    /// The form of the file.
    public var format = 1
    /// Ports on loopback by name: `postgresql`, `rabbitmq`, `rabbitmq-distribution`, `rabbitmq-management` and each service's.
    public var ports: [String: UInt16] = [:]
    /// PostgreSQL's superuser.
    public var databasePassword: String
    /// Each service's role (`huiyin_intake` …) and its password.
    public var rolePasswords: [String: String]
    /// The user `huiyin` in RabbitMQ.
    public var brokerPassword: String
    /// `HUIYIN_SEAL_KEY`: 32 bytes in base64.
    public var sealKey: String
    /// `HUIYIN_SEAL_KEYS_OLD`: the keys that sealed before, the house's first one at the front.
    public var oldSealKeys: [String]?
    /// The key that is to seal next, while services learn to open what it seals.
    public var nextSealKey: String?
    /// Whether something that is kept may still be sealed under a former key.
    public var isResealing: Bool?
    /// `HUIYIN_RECEIPT_KEY`: an Ed25519 seed, 32 bytes in base64.
    public var receiptKey: String
    /// The bearer token of staff routes.
    public var operatorToken: String
    /// Marks every process of this house, see `Orphans`.
    public var mark = SecretText.password()
    /// Where PostgreSQL's data lies when it cannot lie in `.huiyin`.
    public var databaseFolder: String?

    /// New secrets, no ports yet.
    public static func generate() -> HouseSettings {
        HouseSettings(
            databasePassword: SecretText.password(),
            rolePasswords: Dictionary(uniqueKeysWithValues: services.map { ("huiyin_\($0)", SecretText.password()) }),
            brokerPassword: SecretText.password(), sealKey: SecretText.key(), receiptKey: SecretText.key(),
            operatorToken: SecretText.password())
    }

    init(
        databasePassword: String, rolePasswords: [String: String], brokerPassword: String, sealKey: String, receiptKey: String,
        operatorToken: String
    ) {
        self.databasePassword = databasePassword
        self.rolePasswords = rolePasswords
        self.brokerPassword = brokerPassword
        self.sealKey = sealKey
        self.receiptKey = receiptKey
        self.operatorToken = operatorToken
    }

    /// The settings of the house in `folder`, or nil when `up` never ran there.
    public static func load(from folder: HouseFolder) throws(UpFailure) -> HouseSettings? {
        guard let settings = try PrivateFile.readJSON(HouseSettings.self, from: folder.settingsFile) else { return nil }
        guard settings.format == 1 else {
            throw UpFailure("\(folder.settingsFile) has format \(settings.format), which this version does not know: use a newer huiyin.")
        }
        return settings
    }

    /// The value of `HUIYIN_SEAL_KEYS_OLD`; nil while there was never another key.
    var openingKeys: String? {
        let former = oldSealKeys ?? []
        if former.isEmpty, nextSealKey == nil { return nil }
        // The first key stands at the front, also while it is the one that seals.
        return (former + [sealKey] + [nextSealKey].compactMap { $0 }).joined(separator: ",")
    }

    /// Lets the next key seal from now on, and keeps the one of before for opening.
    mutating func promoteNextSealKey() {
        guard let next = nextSealKey else { return }
        oldSealKeys = (oldSealKeys ?? []) + [sealKey]
        (sealKey, nextSealKey, isResealing) = (next, nil, true)
    }

    /// The keys of personal data.
    func seal() throws -> SealKey {
        var environment = ["HUIYIN_SEAL_KEY": sealKey]
        environment["HUIYIN_SEAL_KEYS_OLD"] = openingKeys
        return try SettingsReader(environment: environment).seal()
    }

    /// Writes the settings, and beside them the public half of the receipt key for whoever checks receipts.
    func save(to folder: HouseFolder) throws(UpFailure) {
        try PrivateFile.writeJSON(self, to: folder.settingsFile)
        guard let seed = Data(base64Encoded: receiptKey), let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw UpFailure("\(folder.settingsFile): receiptKey must be 32 bytes in base64.")
        }
        try PrivateFile.write(Array((key.publicKey.rawRepresentation.base64EncodedString() + "\n").utf8), to: folder.receiptKeyFile)
    }

    /// Shows nothing of its secrets.
    public var description: String { "(settings of the house)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
