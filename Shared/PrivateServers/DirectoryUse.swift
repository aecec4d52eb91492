import Glibc

/// Tells who may enter a directory and which processes work in it.
enum DirectoryUse {
    /// The path without symbolic links; as given when there is nothing there.
    static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// The first existing directory above `path` that `account` has no right to pass through; nil when the way is open.
    static func closedAncestor(of path: String, for account: Account) -> String? {
        var parts = path.split(separator: "/")
        var existing = path
        repeat {
            guard !parts.isEmpty else { return nil }
            parts.removeLast()
            existing = "/" + parts.joined(separator: "/")
        } while access(existing, F_OK) != 0
        var above = ""
        for part in resolved(existing).split(separator: "/") {
            above += "/\(part)"
            var status = stat()
            guard stat(above, &status) == 0 else { return above }
            let needed: mode_t
            if status.st_uid == account.id {
                needed = S_IXUSR
            } else if status.st_gid == account.group {
                needed = S_IXGRP
            } else {
                needed = S_IXOTH
            }
            if status.st_mode & needed == 0 { return above }
        }
        return nil
    }

    /// The working directory of a process; nil when there is no such process or it is not this user's to see.
    static func workingDirectory(of process: pid_t) -> String? {
        guard let real = realpath("/proc/\(process)/cwd", nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// The processes whose working directory is `directory`.
    static func processes(workingIn directory: String) -> [pid_t] {
        let real = resolved(directory)
        return FileTree.names(in: "/proc").compactMap { pid_t($0) }.filter { workingDirectory(of: $0) == real }
    }
}
