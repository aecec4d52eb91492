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
        // It knows the services only as the programs that they are.
        "Tests/Chaos": ["Models", "Postgres", "PrivateServers"],
        "Tests/TestModels": ["Models"], "Tests/InMemory": ["CaseFlow", "Models"],
        // All four services and the check of the promise, and no way to a server.
        "Tests/Simulation": [
            "CaseFlow", "Models", "Intake", "Routing", "Deadline", "Notification", "Operator", "InMemory", "TestModels",
        ],
    ]
    static let shared: Set<String> = ["ServiceKit", "CaseFlow", "Models", "Postgres", "AMQP"]
    static let ours: Set<String> = shared.union([
        "CLibPQ", "CRabbitMQ", "CCurl", "SMTP", "SocketLoop", "PrivateServers", "Intake", "Routing", "Deadline", "Notification", "Operator",
    ]).union(ofTests)
    /// What only tests and the simulation use.
    static let ofTests: Set<String> = ["InMemory", "Simulation", "TestModels", "TestSupport"]
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

    @Test("keep what only tests use out of every program that is shipped", arguments: ["Shared", "Services"])
    func shipped(folder: String) throws {
        let files = Self.swiftFiles(under: folder)

        let wrong = try files.filter { try !Set(Self.imports(of: $0)).isDisjoint(with: Self.ofTests) }

        #expect(files.count > 100)
        #expect(wrong.isEmpty, "\(wrong)")
    }

    /// With -O Swift 6.3 may lose the parts of a tuple that stand before an awaited call which throws, when a child task returns it: what is
    /// awaited gets a name first.
    @Test("await nothing that may throw within a tuple that is returned", arguments: ["Shared", "Services"])
    func tuples(folder: String) throws {
        let wrong = try Self.swiftFiles(under: folder).flatMap { file in
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self).split(separator: "\n")
                .filter { $0.contains("return (") && ($0.contains(", try await ") || $0.contains("success(try await ")) }
                .map { "\(file): \($0)" }
        }

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
