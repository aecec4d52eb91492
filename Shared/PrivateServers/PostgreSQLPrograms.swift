import Glibc

/// The programs of one installed major version of PostgreSQL.
struct PostgreSQLPrograms {
    let version: Int
    private let folder: String

    var postgres: String { folder + "/postgres" }
    var initdb: String { folder + "/initdb" }
    var isReady: String { folder + "/pg_isready" }

    /// The oldest version whose features the schemas need.
    static let oldest = 15
    private static let root = "/usr/lib/postgresql"

    /// The version that wrote the data in `directory`, or the newest installed when there are none yet.
    static func find(forDataIn directory: String) throws(LaunchError) -> PostgreSQLPrograms {
        let installed = FileTree.names(in: root).compactMap { Int($0) }
            .map { PostgreSQLPrograms(version: $0, folder: "\(root)/\($0)/bin") }
            .filter { access($0.postgres, X_OK) == 0 && access($0.initdb, X_OK) == 0 && access($0.isReady, X_OK) == 0 }
        let written = FileTree.read(directory + "/PG_VERSION").flatMap { Int(String(decoding: $0, as: UTF8.self).prefix { $0.isNumber }) }
        if let written {
            guard let same = installed.first(where: { $0.version == written }) else {
                throw LaunchError(
                    "the data in \(directory) were written by PostgreSQL \(written), which is not installed: install the package "
                        + "postgresql-\(written)")
            }
            return same
        }
        guard let newest = installed.filter({ $0.version >= oldest }).max(by: { $0.version < $1.version }) else {
            throw LaunchError("there is no PostgreSQL \(oldest) or newer under \(root): install the package postgresql")
        }
        return newest
    }
}
