import FoundationEssentials
import Glibc

/// Reads and writes small files that only their owner may read, unless a mode says otherwise.
enum PrivateFile {
    /// Replaces the file as a whole (rename(2)), mode 0600 from its first byte, and on disk before it answers (fsync(2)).
    ///
    /// Another mode is for what is no secret, and holds whatever the process would take away from it (umask(2)).
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(UpFailure) {
        func fail(_ code: Int32) -> UpFailure {
            UpFailure("\(path) cannot be written (\(systemWords(code))): check the disk and that the folder is yours.")
        }
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw fail(errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                let code = errno
                close(descriptor)
                unlink(temporary)
                throw fail(code)
            }
            written += count
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw fail(code)
        }
    }

    /// The file's bytes, or nil when it is not there.
    static func read(_ path: String) throws(UpFailure) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw UpFailure("\(path) cannot be read (\(systemWords(errno))): run huiyin as the user who first ran `up`.")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw UpFailure("\(path) cannot be read (\(systemWords(errno))): check the disk.")
            }
            bytes += chunk[..<count]
        }
    }

    static func writeJSON(_ value: some Encodable, to path: String) throws(UpFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { throw UpFailure("\(path) holds values that JSON cannot say.") }
        try write([UInt8](data) + [UInt8(ascii: "\n")], to: path)
    }

    /// The decoded value, or nil when the file is not there; throws when it holds something else.
    static func readJSON<Value: Decodable>(_ type: Value.Type, from path: String) throws(UpFailure) -> Value? {
        guard let bytes = try read(path) else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw UpFailure(
                "\(path) is not what this version of huiyin writes: restore it from a copy, or start afresh with `./huiyin down --purge`.")
        }
    }

    /// The decoded value of a file that only lives as long as a run, or nil when it is not there or holds something else.
    static func readNote<Value: Decodable>(_ type: Value.Type, from path: String) throws(UpFailure) -> Value? {
        try read(path).flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
    }
}

extension PrivateFile {
    /// Removes the file, if it is there.
    static func remove(_ path: String) { unlink(path) }
}
