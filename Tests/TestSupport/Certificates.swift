import PrivateServers

/// A certificate authority of one test, a certificate for `localhost` that it signed, and an authority that signed nothing.
public struct Certificates: Sendable {
    public let directory: TestDirectory
    public var authorities: String { directory.path + "/authority.pem" }
    public var stranger: String { directory.path + "/stranger.pem" }
    public var certificate: String { directory.path + "/server.pem" }
    public var key: String { directory.path + "/server.key" }

    public init() async throws {
        directory = try TestDirectory()
        try await openssl(["req", "-x509", "-subj", "/CN=authority", "-keyout", "authority.key", "-out", "authority.pem"] + Self.newKey)
        try await openssl(["req", "-x509", "-subj", "/CN=stranger", "-keyout", "stranger.key", "-out", "stranger.pem"] + Self.newKey)
        try await openssl(["req", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"] + Self.newKey)
        try FileTree.write(Array("subjectAltName=DNS:localhost\n".utf8), to: directory.path + "/names", mode: 0o600)
        try await openssl([
            "x509", "-req", "-in", "server.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "names",
            "-out", "server.pem",
        ])
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func openssl(_ arguments: [String]) async throws {
        let plan = LaunchPlan(executable: "/usr/bin/openssl", arguments: arguments, directory: directory.path)
        guard try await plan.start().wait() == .exited(code: 0) else { throw LaunchError("openssl \(arguments[0]) failed") }
    }
}
