import Glibc
import PrivateServers

/// A folder of its own for one test, removed with everything in it when the test is done with it.
struct TemporaryFolder {
    let path: String

    static func with<Result>(_ body: (TemporaryFolder) async throws -> Result) async throws -> Result {
        let folder = TemporaryFolder(path: try FileTree.makeTemporaryDirectory(in: "/tmp", prefix: "huiyin-servicekit"))
        defer { FileTree.remove(folder.path) }
        return try await body(folder)
    }

    /// Writes a file and answers with its path.
    func file(_ name: String, _ text: String) throws -> String {
        let path = "\(path)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw TestFailure("cannot write \(path)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw TestFailure("cannot write \(path)") }
        return path
    }
}

/// Reads a whole file, or nil when there is none.
func contents(of path: String) -> String? { FileTree.read(path).map { String(decoding: $0, as: UTF8.self) } }

/// What went wrong in a test's own machinery.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
