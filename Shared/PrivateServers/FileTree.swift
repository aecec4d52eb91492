import Glibc

/// What the private servers need of files, by plain system calls.
public enum FileTree {
    /// Removes a directory with everything in it, or a file; follows no symbolic link.
    public static func remove(_ path: String) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) { remove("\(path)/\(name)") }
        }
        _ = Glibc.remove(path)
    }

    /// The names in a directory but `.` and `..`; none when it cannot be read.
    public static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Reads a whole file; nil when there is none that can be read.
    public static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
    }

    /// Puts a file in place whole or not at all, with these permissions and this owner from its first instant.
    public static func write(_ bytes: [UInt8], to path: String, mode: mode_t, owner: Account? = nil) throws(LaunchError) {
        let draft = "\(path).new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw failure("\(path) cannot be written") }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 {
                let error = failure("\(path) cannot be written")
                close(file)
                unlink(draft)
                throw error
            }
            written += count
        }
        if let owner { fchown(file, owner.id, owner.group) }
        fsync(file)
        close(file)
        guard rename(draft, path) == 0 else { throw failure("\(path) cannot be replaced") }
    }

    /// Makes a directory with these permissions and this owner unless there is one already, and its parents.
    public static func makeDirectory(_ path: String, mode: mode_t, owner: Account? = nil) throws(LaunchError) {
        if access(path, F_OK) == 0 { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeDirectory(String(path[..<slash]), mode: 0o755) }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("the directory \(path) cannot be made") }
        if let owner { chown(path, owner.id, owner.group) }
    }

    /// Makes a directory of its own in `parent`, with six characters behind `prefix` that nobody else has (mkdtemp(3)).
    public static func makeTemporaryDirectory(in parent: String, prefix: String, mode: mode_t = 0o700) throws(LaunchError) -> String {
        var template = Array("\(parent)/\(prefix)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw failure("no directory can be made in \(parent)") }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        guard mode == 0o700 || chmod(path, mode) == 0 else { throw failure("\(path) cannot be opened to others") }
        return path
    }

    /// How many bytes the file system of `path` has, and how many of them are free for everybody (`statvfs(3)`); nil when it cannot be asked.
    static func space(of path: String) -> (total: Int, free: Int)? {
        var answer = statvfs()
        guard statvfs(path, &answer) == 0 else { return nil }
        func bytes(_ blocks: UInt) -> Int {
            let (bytes, isTooMuch) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(answer.f_frsize))
            return isTooMuch ? .max : Int(clamping: bytes)
        }
        return (bytes(UInt(answer.f_blocks)), bytes(UInt(answer.f_bavail)))
    }

    static func failure(_ what: String) -> LaunchError { LaunchError("\(what): \(String(cString: strerror(errno)))") }
}
