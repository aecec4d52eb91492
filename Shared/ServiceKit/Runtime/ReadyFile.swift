import Glibc

/// The file by which a service tells its supervisor the address that it listens on.
struct ReadyFile: Sendable {
    let path: String

    /// Writes `address` and a line break; a reader sees the whole file or none (rename(2)).
    ///
    /// Throws `StartupFailure`.
    func write(_ address: ListenAddress) throws(StartupFailure) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(errno) }
        let bytes = Array("\(address)\n".utf8)
        let written = Glibc.write(descriptor, bytes, bytes.count)
        let writeError = errno
        close(descriptor)
        guard written == bytes.count else {
            unlink(temporary)
            throw failure(writeError)
        }
        guard rename(temporary, path) == 0 else {
            let renameError = errno
            unlink(temporary)
            throw failure(renameError)
        }
    }

    /// Removes the file, if it is there, so that nobody takes an old address for a new one.
    func remove() {
        unlink(path)
    }

    private func failure(_ code: Int32) -> StartupFailure {
        StartupFailure(
            "HUIYIN_READY_FILE: \(path) cannot be written (\(systemMessage(code))): give it a path in a folder that this service may write to."
        )
    }
}
