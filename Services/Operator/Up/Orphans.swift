import FoundationEssentials
import Glibc

/// Finds and ends processes of this house whose supervisor is gone, so that the next `up` starts from a clean floor.
///
/// A process belongs to the house when its pid file names its very identity, or when its environment carries the house's
/// mark (`HUIYIN_HOUSE=<mark>`), which every child inherits and which is random per house. Nothing else is touched.
struct Orphans {
    let folder: HouseFolder
    /// Nil when it is not known: then only pid files tell.
    let mark: String?

    /// The variable that carries the mark.
    static let variable = "HUIYIN_HOUSE"

    /// Ends them all, those that use the servers before the servers; answers their names.
    ///
    /// Throws when one cannot be ended.
    func end() async throws(UpFailure) -> [String] {
        var ended: [String] = []
        for (name, identity) in recorded() {
            if identity.isAlive {
                // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients, and loses nothing.
                let signal = name == "postgresql" ? SIGINT : SIGTERM
                guard await identity.end(with: signal, within: name.isServer ? .seconds(60) : .seconds(10)) else {
                    throw UpFailure(
                        "\(name) (process \(identity.pid)) is left from an earlier run and does not end: end it, then try again.")
                }
                ended.append(name)
            }
            PrivateFile.remove(folder.pidFile(name))
        }
        for identity in marked() {
            guard await identity.end(with: SIGTERM, within: .seconds(10)) else {
                throw UpFailure("Process \(identity.pid) is left from an earlier run and does not end: end it, then try again.")
            }
            ended.append("process \(identity.pid)")
        }
        return ended
    }

    /// What the pid files name: services first, then the broker, then the database.
    private func recorded() -> [(String, ProcessIdentity)] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.runFolder)) ?? []
        let names = files.filter { $0.hasSuffix(".pid") }.map { String($0.dropLast(4)) }
        return names.sorted { ($0.stopRank, $0) < ($1.stopRank, $1) }.compactMap { name in
            (try? PrivateFile.readJSON(ProcessIdentity.self, from: folder.pidFile(name))).flatMap { $0 }.map { (name, $0) }
        }
    }

    /// What carries the mark and is not this process; the environment of other users' processes is readable to root only.
    private func marked() -> [ProcessIdentity] {
        guard let mark, !mark.isEmpty else { return [] }
        let wanted = Array("\(Self.variable)=\(mark)".utf8)
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap(Int32.init).filter { $0 != getpid() }.compactMap { pid in
            guard let bytes = (try? PrivateFile.read("/proc/\(pid)/environ")).flatMap({ $0 }),
                bytes.split(separator: 0).contains(where: { $0.elementsEqual(wanted) })
            else { return nil }
            return ProcessIdentity(of: pid)
        }
    }
}

extension String {
    fileprivate var isServer: Bool { self == "postgresql" || self == "rabbitmq" }

    fileprivate var stopRank: Int {
        switch self {
        case "postgresql": 2
        case "rabbitmq": 1
        default: 0
        }
    }
}
