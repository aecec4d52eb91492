import Foundation
import Models
import Postgres
import PrivateServers
import Routing
import TestSupport
import Testing

@testable import Operator

/// Looks for marked cases in what the house writes: notices, logs, tables and the feed.
struct LeakRecords: Sendable {
    private static let services = ["intake", "routing", "deadline", "notification"]
    let house: RunningHouse

    /// Notices that hold a mark and are for a unit that does not work on the case; how many hold a mark at all tells that they were looked at.
    func notices(of cases: [MarkedCase]) throws -> (told: [String], seen: Int) {
        var (told, seen): ([String], Int) = ([], 0)
        for path in Self.files(in: house.directory.path + "/.huiyin/notices") where path.hasSuffix(".json") {
            let text = Self.text(path)
            for marked in cases where marked.mark(in: text) != nil {
                seen += 1
                let recipient = (try? JSONValue(parsing: Array(text.utf8)))?["recipient"]?.string ?? ""
                let unit = recipient.hasPrefix("unit:") ? String(recipient.dropFirst(5)) : nil
                if let unit, !marked.circle.contains(unit) { told.append("a notice to \(unit) tells of \(marked.name)") }
                if unit == nil, !recipient.hasPrefix("petitioner") || marked.persons.isEmpty {
                    told.append("a notice to \(recipient) tells of \(marked.name)")
                }
            }
        }
        return (told, seen)
    }

    /// Lines of the services, of the servers and of the whole house that hold a mark.
    func logs(of cases: [MarkedCase]) -> (told: [String], files: Int) {
        let files = Self.files(in: house.directory.path + "/.huiyin/log") + [house.directory.path + "/up.txt"]
        var told: [String] = []
        for path in files {
            let text = Self.text(path)
            for marked in cases {
                if let mark = marked.mark(in: text) { told.append("\(path) holds \(mark) of \(marked.name)") }
            }
        }
        return (told, files.count)
    }

    /// Confidential cases among the matters that are compared and gathered, and among what topic models are trained from.
    func matters(of cases: [MarkedCase]) async throws -> [String] {
        let admin = try client("postgres", try house.setting("databasePassword"))
        let subjects = cases.compactMap { Subject($0.found.id) }
        var told: [String] = []
        for (table, column) in [
            ("matters", "subject"), ("matters_waiting", "subject"), ("likenesses", "subject"), ("likenesses", "other"),
            ("issue_cases", "subject"),
        ] {
            let count = try await admin.run(
                "SELECT count(*) FROM routing.\(identifier: table) WHERE \(identifier: column) = ANY(\(subjects))"
            ).first?.value(0, as: Int.self)
            if count != 0 { told.append("routing.\(table) holds \(count ?? 0) confidential cases") }
        }
        let kept = try await admin.run("SELECT count(*) FROM routing.matters").first?.value(0, as: Int.self) ?? 0
        if kept == 0 { told.append("no matters are kept at all, so nothing was looked at") }
        // What `topics train` would read at this moment.
        for example in try await HouseExamples(client: admin).examples(atMost: 100_000) {
            for marked in cases {
                if let mark = marked.mark(in: example.text) { told.append("training reads \(mark) of \(marked.name)") }
            }
        }
        await admin.close()
        return told
    }

    /// What a service's own role can read beyond its schema, and names and phones that stand anywhere unsealed.
    func tables(of cases: [MarkedCase]) async throws -> (told: [String], tables: Int) {
        let admin = try client("postgres", try house.setting("databasePassword"))
        let tables = try await admin.run(
            "SELECT schemaname::text, tablename::text FROM pg_tables WHERE schemaname = ANY(\(Self.services)) ORDER BY 1, 2"
        ).map { (schema: try $0.value(0, as: String.self), name: try $0.value(1, as: String.self)) }
        var told: [String] = []
        let persons = cases.flatMap(\.persons).flatMap { ["%\($0)%", "%\($0.utf8.map { byte in Self.hexadecimal(byte) }.joined())%"] }
        for table in tables {
            let count = try await admin.run(
                "SELECT count(*) FROM \(identifier: table.schema).\(identifier: table.name) AS t WHERE t::text LIKE ANY(\(persons))"
            ).first?.value(0, as: Int.self)
            if count != 0 { told.append("\(table.schema).\(table.name) holds a petitioner's name or phone unsealed") }
        }
        for service in Self.services {
            let own = try client("huiyin_\(service)", try house.setting("rolePasswords", "huiyin_\(service)"))
            #expect(try await own.run("SELECT 1 FROM \(identifier: service).cases LIMIT 1").count <= 1)
            for table in tables where table.schema != service {
                if await isAllowed("SELECT 1 FROM \(identifier: table.schema).\(identifier: table.name) LIMIT 1", on: own) {
                    told.append("the role of \(service) reads \(table.schema).\(table.name)")
                }
            }
            for other in Self.services.filter({ $0 != service }).map({ "huiyin_\($0)" }) + ["postgres"] {
                if await isAllowed("SET ROLE \(identifier: other)", on: own) { told.append("the role of \(service) becomes \(other)") }
            }
            await own.close()
        }
        // The feed that waits for every department; what is for a circle alone is asked for as others in LeakFeed.
        let feed = try await admin.run("SELECT body FROM notification.feed WHERE circle IS NULL").map {
            String(decoding: try $0.value(0, as: [UInt8].self), as: UTF8.self)
        }
        for marked in cases {
            if let mark = feed.lazy.compactMap({ marked.mark(in: $0) }).first { told.append("the feed holds \(mark) of \(marked.name)") }
        }
        await admin.close()
        return (told, tables.count)
    }

    private func isAllowed(_ statement: SQL, on client: PostgresClient) async -> Bool { (try? await client.run(statement)) != nil }

    private func client(_ role: String, _ password: String) throws -> PostgresClient {
        PostgresClient(
            PostgresConfiguration(
                url: "postgresql://\(role):\(password)@127.0.0.1:\(try house.setting("ports", "postgresql"))/huiyin",
                applicationName: "leak", maximumConnections: 1))
    }

    private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private static func text(_ path: String) -> String { String(decoding: FileTree.read(path) ?? [], as: UTF8.self) }

    private static func files(in folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).map { "\(folder)/\($0)" }
    }
}
