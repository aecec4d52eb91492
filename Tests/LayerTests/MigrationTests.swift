import FoundationEssentials
import Testing

@Suite("Migrations")
struct MigrationTests {
    /// From before processes remembered cases.
    private static let former: Set<String> = ["M0006_lists.sql", "M0007_sessions.sql", "M0009_places.sql", "M0004_loads.sql"]

    @Test("that change what a service remembers of cases change the clock rows with it, since processes go by their memory meanwhile")
    func clocks() throws {
        var (seen, wrong): (Set<String>, [String]) = ([], [])
        for service in ["Intake", "Routing", "Deadline", "Notification"] {
            let folder = LayerTests.root.appending(path: "Services/\(service)/Migrations")
            for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".sql") {
                let text = String(decoding: try Data(contentsOf: folder.appending(path: file)), as: UTF8.self).lowercased()
                guard ["update cases", "update sessions", "delete from cases", "delete from sessions"].contains(where: text.contains) else {
                    continue
                }
                if Self.former.contains(file) { seen.insert(file) } else if !text.contains("update case_clock") { wrong.append(file) }
            }
        }

        #expect(wrong.isEmpty, "\(wrong)")
        #expect(seen == Self.former)
    }
}
