import Glibc
import Models

/// The JWKS file that holds the public keys of staff tokens, and whether it is still the one that was read.
struct StaffKeyFile: Sendable {
    /// What of stat(2) changes when somebody writes or replaces the file.
    struct Stamp: Equatable {
        let device: UInt
        let inode: UInt
        let size: Int
        let written: [Int]

        init(_ status: stat) {
            device = UInt(status.st_dev)
            inode = UInt(status.st_ino)
            size = Int(status.st_size)
            written = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
        }
    }

    static let limit = 256 * 1024

    let path: String

    /// Nil when the file is not there.
    var stamp: Stamp? {
        var status = stat()
        return stat(path, &status) == 0 ? Stamp(status) : nil
    }

    /// The file's keys by key id.
    func keys() throws(StaffKeysFault) -> [String: StaffKey] { try Self.keys(in: try bytes()) }

    /// Reads a JWKS; keys of other kinds are passed over (RFC 7517, section 5), a damaged or private one is refused with all.
    static func keys(in bytes: [UInt8]) throws(StaffKeysFault) -> [String: StaffKey] {
        guard let tree = try? JSONValue(parsing: bytes), case .object(let members) = tree, case .array(let list) = members["keys"] else {
            throw StaffKeysFault(#"is no key set: it must be JSON like {"keys":[…]}"#)
        }
        var keys: [String: StaffKey] = [:]
        for member in list {
            guard let key = try StaffKey(member) else { continue }
            guard keys.updateValue(key, forKey: key.id) == nil else {
                throw StaffKeysFault("holds two keys with one key id, so that it is not clear which one counts")
            }
        }
        return keys
    }

    private func bytes() throws(StaffKeysFault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw StaffKeysFault("cannot be opened (\(systemMessage(errno)))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw StaffKeysFault("cannot be read (\(systemMessage(errno)))")
            }
            bytes += chunk[..<count]
            guard bytes.count <= Self.limit else { throw StaffKeysFault("is larger than 256 KiB") }
        }
    }
}
