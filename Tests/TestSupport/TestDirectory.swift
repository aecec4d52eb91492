import Glibc
import PrivateServers

/// A directory of one test, which is gone with everything in it when the test lets go of it.
public final class TestDirectory: Sendable {
    public let path: String

    /// Makes the directory where a test's files belong, on a real disk (`TMPDIR`, else `/tmp`), open to its owner only.
    public init(_ prefix: String = "huiyin-test") throws(LaunchError) {
        var template = Array("\(Self.parent)/\(prefix)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LaunchError("no directory can be made in \(Self.parent): set TMPDIR to one that can be written")
        }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    deinit { FileTree.remove(path) }

    public static var parent: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
