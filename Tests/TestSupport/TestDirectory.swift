import Glibc
import PrivateServers

/// A directory of one test, which is gone with everything in it when the test lets go of it.
public final class TestDirectory: Sendable {
    public let path: String

    /// Makes the directory where a test's files belong, on a real disk (`TMPDIR`, else `/tmp`), open to its owner only.
    public init(_ prefix: String = "huiyin-test") throws(LaunchError) {
        path = try FileTree.makeTemporaryDirectory(in: Self.parent, prefix: prefix)
    }

    deinit { FileTree.remove(path) }

    public static var parent: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
