import Glibc
import PrivateServers

/// Decides where PostgreSQL's data lies, because PostgreSQL does not run as root and its user must get to its data.
enum DatabaseFolder {
    /// The usual place.
    static func inside(_ folder: HouseFolder) -> String { folder.path + "/postgresql" }

    /// The folder that is made where PostgreSQL's user cannot get into the clone.
    static func outside(_ folder: HouseFolder) -> String { "/var/lib/huiyin-\(mark(of: folder.home))" }

    /// What holds the data outside the clone and goes with them, or nil when there is no such folder.
    ///
    /// - Parameter settings: Nil when they cannot be read; the folder's name tells whose it is then.
    static func toPurge(_ folder: HouseFolder, settings: HouseSettings?) -> String? {
        guard let settings else { return outside(folder) }
        return settings.databaseFolder == outside(folder) + "/postgresql" ? outside(folder) : nil
    }

    /// Lets others pass through a folder, whatever the umask was when it was made.
    static func open(_ place: String) throws(UpFailure) {
        guard chmod(place, 0o711) == 0 else {
            throw UpFailure("\(place) is not yours (\(systemWords(errno))): run huiyin as the user who first ran `up`.")
        }
    }

    /// A folder outside the clone, or nil when the data can lie, or already lies, in `.huiyin`.
    static func choose(folder: HouseFolder, settings: HouseSettings, console: Console) throws(UpFailure) -> String? {
        if let known = settings.databaseFolder {
            if known == outside(folder) + "/postgresql", access(outside(folder), F_OK) == 0 { try open(outside(folder)) }
            return known
        }
        guard PrivatePostgreSQL.obstacle(to: inside(folder)) != nil else { return nil }
        let place = outside(folder)
        guard mkdir(place, 0o711) == 0 || errno == EEXIST else {
            throw UpFailure(
                "PostgreSQL's user cannot get into \(folder.path) and \(place) cannot be made (\(systemWords(errno))): move the clone to a folder that others may pass through."
            )
        }
        try open(place)
        console.say("PostgreSQL's user cannot get into \(folder.path), so the data lies in \(place); `./huiyin down --purge` removes it.")
        return place + "/postgresql"
    }

    /// Eight hexadecimal digits that tell one clone's path from another's (FNV-1a; no secret).
    static func mark(of path: String) -> String {
        var hash: UInt32 = 0x811C_9DC5
        for byte in path.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }
}
