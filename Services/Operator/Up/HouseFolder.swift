import FoundationEssentials
import Glibc

/// The folder `.huiyin` of one clone: where everything lies that `up` creates.
///
/// Only its owner may read what it holds. When it is made by root, others may pass through it (mode 0711), because the
/// database runs as another user and its data lies inside; every file in it is then still 0600.
public struct HouseFolder: Sendable, Equatable {
    /// The root of the clone, absolute.
    public let home: String

    public init(home: String) {
        self.home = home
    }

    /// The house that a command means: `HUIYIN_HOME`, else the nearest folder upwards that holds `.huiyin`, else the
    /// current folder.
    public static func current(
        environment: [String: String], from start: String = FileManager.default.currentDirectoryPath
    ) -> HouseFolder {
        if let home = environment["HUIYIN_HOME"], home.hasPrefix("/") { return HouseFolder(home: home) }
        var folder = start
        while true {
            if FileManager.default.fileExists(atPath: folder + "/.huiyin/settings.json") { return HouseFolder(home: folder) }
            guard let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else { break }
            folder = String(folder[..<slash])
        }
        return HouseFolder(home: start)
    }

    public var path: String { home + "/.huiyin" }
    var settingsFile: String { path + "/settings.json" }
    var receiptKeyFile: String { path + "/receipt.pub" }
    var logFolder: String { path + "/log" }
    var runFolder: String { path + "/run" }
    var noticesFolder: String { path + "/notices" }
    /// The keys of staff tokens, see `StaffKeyFolder`.
    var staffKeysFolder: String { path + "/staff-keys" }
    var lockFile: String { path + "/up.lock" }
    /// The supervisor itself.
    var supervisorFile: String { path + "/up.pid" }
    /// What the supervisor tells the other commands.
    var boardFile: String { runFolder + "/board.json" }
    /// What the other commands ask of the supervisor.
    var wishFile: String { runFolder + "/wish.json" }

    func logFile(_ name: String) -> String { "\(logFolder)/\(name).log" }
    func pidFile(_ name: String) -> String { "\(runFolder)/\(name).pid" }
    func readyFile(_ name: String) -> String { "\(runFolder)/\(name).address" }

    /// Makes the folders that are missing, with the modes above; throws a sentence when it cannot.
    func create() throws(UpFailure) {
        try Self.makeFolder(path, mode: getuid() == 0 ? 0o711 : 0o700)
        for folder in [logFolder, runFolder, noticesFolder] { try Self.makeFolder(folder, mode: 0o700) }
    }

    private static func makeFolder(_ path: String, mode: mode_t) throws(UpFailure) {
        if mkdir(path, mode) != 0, errno != EEXIST {
            throw UpFailure("The folder \(path) cannot be made (\(systemWords(errno))): run huiyin where you may write.")
        }
        if chmod(path, mode) != 0 {
            throw UpFailure("The folder \(path) is not yours (\(systemWords(errno))): run huiyin as the user who first ran `up`.")
        }
    }
}
