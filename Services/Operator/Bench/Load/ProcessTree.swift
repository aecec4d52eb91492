import Glibc
import PrivateServers

/// The processes of this machine at one moment, and what each has used.
struct ProcessTree {
    private struct Entry {
        var parent: Int32
        /// Of it and of those children that it has waited for, in the kernel's ticks.
        var ticks: Int64
    }

    private var entries: [Int32: Entry] = [:]

    static func current() throws(CommandFailure) -> ProcessTree {
        var tree = ProcessTree()
        for name in FileTree.names(in: "/proc") {
            guard let pid = Int32(name), let bytes = FileTree.read("/proc/\(pid)/stat") else { continue }
            // The program's name stands in parentheses and may hold anything.
            let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 14, let parent = Int32(fields[1]) else { continue }
            tree.entries[pid] = Entry(parent: parent, ticks: fields[11...14].reduce(0) { $0 + (Int64($1) ?? 0) })
        }
        if tree.entries.isEmpty { throw CommandFailure("/proc cannot be read.") }
        return tree
    }

    /// The processor time of processes and of all that descend from them.
    func time(of roots: [Int32]) -> Duration {
        let wanted = Set(roots)
        var ticks: Int64 = 0
        for (pid, entry) in entries {
            var ancestor: Int32? = pid
            var steps = 0
            while let place = ancestor, !wanted.contains(place), steps < 64 { (ancestor, steps) = (entries[place]?.parent, steps + 1) }
            if let ancestor, wanted.contains(ancestor) { ticks += entry.ticks }
        }
        return .microseconds(ticks * 1_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
    }
}
