import Glibc
import PrivateServers

/// A small file system in memory (`tmpfs`) that can be filled to the last byte.
struct SmallDisk: Sendable {
    let path: String

    /// Mounts it; throws a sentence where that is not allowed.
    init(path: String, megabytes: Int) async throws {
        self.path = path
        guard geteuid() == 0 else { throw LaunchError("only root can mount a small disk") }
        mkdir(path, 0o755)
        let mount = LaunchPlan(
            executable: "/usr/bin/mount", arguments: ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=755", "huiyin-chaos", path])
        guard try await mount.start().wait() == .exited(code: 0) else { throw LaunchError("a small disk cannot be mounted here") }
    }

    private var ballast: String { path + "/ballast" }

    /// Takes all the room that is left.
    func fill() {
        let file = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        for size in [1 << 20, 1 << 12] {
            let bytes = [UInt8](repeating: 0x20, count: size)
            while write(file, bytes, size) > 0 {}
        }
    }

    func clear() { unlink(ballast) }

    func unmount() async {
        let plan = LaunchPlan(executable: "/usr/bin/umount", arguments: ["-l", path])
        _ = try? await plan.start().wait()
    }
}
