import Crypto
import FoundationEssentials
import Glibc
import Models
import ServiceKit

/// The folder of the keys that staff tokens are signed with: a private file for each key, and `jwks.json` of the public ones beside.
struct StaffKeyFolder: Sendable {
    let path: String

    /// A key with its identifier and the time at which it was made.
    struct Key: Sendable {
        var id: String
        var made: Instant
        var key: Curve25519.Signing.PrivateKey
    }

    private struct KeyFile: Codable {
        var made: Instant
        /// The seed, 32 bytes in base64.
        var seed: Data
    }

    /// What the services read.
    var jwksFile: String { path + "/jwks.json" }

    /// The keys in use, the newest first.
    func keys() throws(UpFailure) -> [Key] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        var keys: [Key] = []
        for name in names.sorted() where name.hasSuffix(".key") {
            guard let file = try PrivateFile.readJSON(KeyFile.self, from: "\(path)/\(name)"),
                let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: file.seed)
            else { throw UpFailure("\(path)/\(name) is no key of staff tokens: restore it from a copy or remove it.") }
            keys.append(Key(id: StaffKeySet.id(of: key.publicKey), made: file.made, key: key))
        }
        return keys.sorted { ($0.made, $0.id) > ($1.made, $1.id) }
    }

    /// Makes one more key, which signs from now on.
    @discardableResult
    func make() throws(UpFailure) -> Key {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw UpFailure("The folder \(path) cannot be made (\(systemWords(errno))): name one where you may write.")
        }
        let key = Curve25519.Signing.PrivateKey()
        let made = Key(id: StaffKeySet.id(of: key.publicKey), made: SystemTime.now, key: key)
        try PrivateFile.writeJSON(KeyFile(made: made.made, seed: key.rawRepresentation), to: file(of: made.id))
        try publish()
        return made
    }

    /// Takes a key out of use: tokens signed with it are refused within seconds.
    func retire(_ id: String) throws(UpFailure) {
        guard try keys().contains(where: { $0.id == id }) else {
            throw UpFailure("There is no key \(id) in \(path): see `huiyin token keys list`.")
        }
        if unlink(file(of: id)) != 0 { throw UpFailure("\(file(of: id)) cannot be removed (\(systemWords(errno))).") }
        try publish()
    }

    /// Writes the public keys for the services, which read the file again when it changes.
    private func publish() throws(UpFailure) {
        try PrivateFile.write(StaffKeySet.jwks(of: try keys().map(\.key.publicKey)), to: jwksFile)
        // Nothing in it is secret, and a service may run as another user.
        if chmod(jwksFile, 0o644) != 0 { throw UpFailure("\(jwksFile) cannot be made readable (\(systemWords(errno))).") }
    }

    private func file(of id: String) -> String { "\(path)/\(id).key" }
}
