import FoundationEssentials
import Glibc

/// Tells one process from every other that ever had the same number: its pid, its start time and the boot it ran in.
///
/// The start time (field 22 of /proc/PID/stat, in clock ticks since boot) survives exec(2), so a process that was started
/// through `setpriv` or a shell script that ends in `exec` keeps its identity, while /proc/PID/exe changes.
struct ProcessIdentity: Codable, Sendable, Equatable {
    let pid: Int32
    let startTicks: UInt64
    let boot: String

    /// The process that has this pid now, or nil when there is none or it is a zombie.
    init?(of pid: Int32) {
        guard pid > 0, let stat = Self.stat(pid), let boot = Self.currentBoot else { return nil }
        self.pid = pid
        startTicks = stat.startTicks
        self.boot = boot
    }

    /// Whether that very process still runs.
    var isAlive: Bool { ProcessIdentity(of: pid) == self }

    /// Sends a signal to the process, and to its group when it leads one; false when it is gone.
    func signal(_ number: Int32) -> Bool {
        guard isAlive else { return false }
        if getpgid(pid) == pid { return killpg(pid, number) == 0 }
        return kill(pid, number) == 0
    }

    /// Asks the process to end with `number`, and after `limit` has it killed with its group; false when it is there even then.
    func end(with number: Int32, within limit: Duration) async -> Bool {
        guard isAlive else { return true }
        let group = getpgid(pid) == pid
        _ = kill(pid, number)
        if await isGone(within: limit) { return true }
        if group { killpg(pid, SIGKILL) } else { kill(pid, SIGKILL) }
        return await isGone(within: .seconds(5))
    }

    func isGone(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while isAlive {
            guard ContinuousClock.now < deadline else { return false }
            try? await Task.sleep(for: .milliseconds(50))
            if Task.isCancelled { return !isAlive }
        }
        return true
    }

    private static let currentBoot: String? = (try? PrivateFile.read("/proc/sys/kernel/random/boot_id"))
        .flatMap { $0 }.map { String(decoding: $0, as: UTF8.self).trimmingSuffix() }

    /// The fields after the name, which stands in parentheses and may hold anything.
    private static func stat(_ pid: Int32) -> (state: Character, startTicks: UInt64)? {
        guard let bytes = (try? PrivateFile.read("/proc/\(pid)/stat")).flatMap({ $0 }),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, state != "Z", state != "X", let ticks = UInt64(fields[19]) else { return nil }
        return (state, ticks)
    }
}

extension String {
    /// Without the white space at its end.
    func trimmingSuffix() -> String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
