import FoundationEssentials
import Glibc
import Models
import ServiceKit

/// The folder in which the house keeps the keys of its staff tokens.
///
/// `private/KID.json` are private JWKs, files of mode 0600 in a folder of mode 0700. `public/jwks.json` is what
/// `HUIYIN_STAFF_KEYS` names; it lies in a folder of its own, so that a container can be given that folder and nothing else: a
/// mounted file would stay the old one when a new one takes its place. Keys of others that somebody added to it are kept.
struct StaffKeyFolder: Sendable {
    let path: String

    /// Where the commands look: what was asked for, else `HUIYIN_STAFF_KEY_FOLDER`, else in the house.
    static func find(_ named: String?, environment: [String: String]) throws(CommandFailure) -> StaffKeyFolder {
        let path = named ?? environment["HUIYIN_STAFF_KEY_FOLDER"] ?? ""
        if !path.isEmpty {
            return StaffKeyFolder(path: path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
        }
        let house = HouseFolder.current(environment: environment)
        guard FileManager.default.fileExists(atPath: house.settingsFile) else {
            throw CommandFailure("No house was started in \(house.home): run `./huiyin up` first, or name the folder of keys with --keys.")
        }
        return StaffKeyFolder(path: house.staffKeysFolder)
    }

    var privateFolder: String { path + "/private" }
    var publicFolder: String { path + "/public" }
    /// The JWKS document.
    var publicFile: String { publicFolder + "/jwks.json" }

    /// The private keys, newest first.
    func keys() throws -> [StaffKeyRecord] {
        guard FileManager.default.fileExists(atPath: privateFolder) else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: privateFolder)
        } catch {
            throw CommandFailure("The folder \(privateFolder) cannot be read: run huiyin as the user who made the keys.")
        }
        return try names.filter { $0.hasSuffix(".json") }.map { name in
            let file = privateFolder + "/" + name
            guard let bytes = try PrivateFile.read(file), let record = StaffKeyRecord(bytes), record.signer.id + ".json" == name else {
                throw CommandFailure("\(file) is no key that huiyin made: restore it from a copy, or remove it.")
            }
            return record
        }.sorted { ($0.made, $0.signer.id) > ($1.made, $1.signer.id) }
    }

    /// Makes a key and publishes its public half; from then on it is the newest.
    func make(at now: Instant) throws -> StaffKeyRecord {
        for (folder, mode) in [(path, mode_t(0o755)), (privateFolder, 0o700), (publicFolder, 0o755)] {
            try Self.makeFolder(folder, mode: mode)
        }
        let published = try publicKeys()
        // A clock that was set back must not make an older key the newest.
        let made = max(now, (try keys().first?.made ?? now) + .microseconds(1))
        let record = StaffKeyRecord(signer: StaffSigner(newKey: StaffKeyRecord.newID(at: made)), made: made)
        // The public half first: a token is signed only by a key that the services can know.
        try publish(published + [record.signer.publicKey])
        try PrivateFile.write(record.bytes, to: file(of: record.signer.id))
        return record
    }

    /// Makes a key where there is none, and writes the public file again where it was lost; nil when nothing was missing.
    func makeFirst(at now: Instant) throws -> StaffKeyRecord? {
        let known = try keys()
        if known.isEmpty { return try make(at: now) }
        if !FileManager.default.fileExists(atPath: publicFile) {
            try Self.makeFolder(publicFolder, mode: 0o755)
            try publish(known.map(\.signer.publicKey))
        }
        return nil
    }

    /// Takes a key out of the public file and removes its private half; says whether there was one.
    func retire(_ id: String) throws -> Bool {
        let published = try publicKeys()
        let kept = published.filter { Self.id(of: $0) != id }
        if kept.count < published.count { try publish(kept) }
        guard try keys().contains(where: { $0.signer.id == id }) else { return kept.count < published.count }
        PrivateFile.remove(file(of: id))
        return true
    }

    /// The keys that the services accept, as they stand in the file.
    func publicKeys() throws -> [JSONValue] {
        // Where the file was lost, the private halves tell which keys are in use.
        guard let bytes = try PrivateFile.read(publicFile) else { return try keys().map(\.signer.publicKey) }
        guard case .object(let members)? = try? JSONValue(parsing: bytes), case .array(let keys) = members["keys"] else {
            throw CommandFailure("\(publicFile) is no key set: restore it from a copy, or remove the folder and make new keys.")
        }
        return keys
    }

    static func id(of key: JSONValue) -> String? {
        guard case .object(let members) = key, case .string(let id) = members["kid"] else { return nil }
        return id
    }

    private func publish(_ keys: [JSONValue]) throws {
        let document = JSONValue.object(["keys": .array(keys)])
        try PrivateFile.write(document.canonical + [UInt8(ascii: "\n")], to: publicFile, mode: 0o644)
    }

    private func file(of id: String) -> String { "\(privateFolder)/\(id).json" }

    private static func makeFolder(_ path: String, mode: mode_t) throws {
        if mkdir(path, mode) != 0, errno != EEXIST {
            throw CommandFailure("The folder \(path) cannot be made (\(systemWords(errno))): name another with --keys.")
        }
        // One that is there already may be a mount, whose mode is not ours to change as long as it is as closed.
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o777 != mode else { return }
        guard chmod(path, mode) == 0 else {
            throw CommandFailure("The folder \(path) is not yours (\(systemWords(errno))): run huiyin as the user who made it.")
        }
    }
}
