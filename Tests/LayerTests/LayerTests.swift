import FoundationEssentials
import Testing

/// Keeps each module on its layer: it may import only what stands below it.
@Suite("The layers")
struct LayerTests {
    /// What each module of ours may import of ours; services come last and may import everything shared.
    static let allowed: [String: Set<String>] = [
        "Shared/SocketLoop": [], "Shared/PrivateServers": [], "Shared/Models": [], "Shared/Postgres": ["CLibPQ", "SocketLoop"],
        "Shared/AMQP": ["CRabbitMQ", "SocketLoop"], "Shared/SMTP": ["CCurl", "SocketLoop"],
        "Shared/CaseFlow": ["Models", "Postgres", "AMQP"],
        "Shared/ServiceKit": ["CaseFlow", "Models", "Postgres", "AMQP"],
        "Services/Intake": shared, "Services/Routing": shared, "Services/Deadline": shared, "Services/Notification": shared.union(["SMTP"]),
        "Services/Operator": shared.union(["Intake", "Routing", "Deadline", "Notification", "PrivateServers"]),
    ]
    static let shared: Set<String> = ["ServiceKit", "CaseFlow", "Models", "Postgres", "AMQP"]
    static let ours: Set<String> = shared.union([
        "CLibPQ", "CRabbitMQ", "CCurl", "SMTP", "SocketLoop", "PrivateServers", "Intake", "Routing", "Deadline", "Notification", "Operator",
    ])
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("let each module import only what stands below it", arguments: allowed.keys.sorted())
    func imports(module: String) throws {
        let files = Self.swiftFiles(under: module).filter { !$0.contains("/Main/") }

        let wrong = try files.flatMap { file in
            try Self.imports(of: file).filter { Self.ours.contains($0) && !(Self.allowed[module] ?? []).contains($0) }.map {
                "\(file): \($0)"
            }
        }

        #expect(!files.isEmpty)
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test("keep CaseFlow's pure parts away from both servers")
    func pureParts() throws {
        let files = Self.swiftFiles(under: "Shared/CaseFlow").filter { !$0.contains("/PostgreSQL/") && !$0.contains("/RabbitMQ/") }

        let wrong = try files.filter { try !Set(Self.imports(of: $0)).isDisjoint(with: ["Postgres", "AMQP"]) }

        #expect(files.count > 10)
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test("keep C pointers inside Internal", arguments: ["Shared/Postgres", "Shared/AMQP", "Shared/SMTP"])
    func pointers(module: String) throws {
        let files = Self.swiftFiles(under: module).filter { !$0.contains("/Internal/") }

        let wrong = try files.filter { try !Set(Self.imports(of: $0)).isDisjoint(with: ["CLibPQ", "CRabbitMQ", "CCurl"]) }

        #expect(wrong.isEmpty, "\(wrong)")
    }

    private static func swiftFiles(under folder: String) -> [String] {
        let base = root.appending(path: folder).path
        return (try? FileManager.default.subpathsOfDirectory(atPath: base))?.filter { $0.hasSuffix(".swift") }.map { "\(base)/\($0)" } ?? []
    }

    private static func imports(of file: String) throws -> [String] {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place <= 2, words.count > place + 1, !line.hasPrefix("///") else {
                return nil
            }
            return String(words[place + 1])
        }
    }
}
