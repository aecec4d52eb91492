import Foundation
import Models
import PrivateServers
import TestSupport
import Testing

/// A department's system with a subscription, and what it has got.
final class Department: Sendable {
    /// An event as the department wrote it down.
    struct Heard: Sendable, Hashable {
        var id: String
        var subject: String
        var type: String
        var sequence: Int
        var position: Int
        var kind: String?
    }

    let name: String
    private let house: RunningHouse
    private let folder: TestDirectory
    private let manner: [String: JSONValue]
    private let script: String
    private let process: Running

    /// The process that listens now.
    private actor Running {
        private var counterpart: Counterpart?

        func begin(_ script: String, _ manner: [String: JSONValue]) async throws -> UInt16 {
            await counterpart?.stop()
            let fresh = try await Counterpart(script, [JSONValue.object(manner).text])
            counterpart = fresh
            return fresh.port
        }

        var lines: [String] { counterpart?.lines ?? [] }

        func stop() async { await counterpart?.stop() }
    }

    private init(
        _ name: String, _ house: RunningHouse, _ folder: TestDirectory, _ manner: [String: JSONValue], _ script: String, _ process: Running
    ) {
        (self.name, self.house, self.folder, self.manner, self.script, self.process) = (name, house, folder, manner, script, process)
    }

    /// A webhook of a unit whose receiver behaves by `manner`.
    static func webhook(
        _ name: String, _ manner: [String: JSONValue], form: String, of unit: String, in house: RunningHouse
    ) async throws -> Department {
        let (folder, process) = (try TestDirectory("huiyin-department"), Running())
        var manner = manner.merging([
            "store": .string(folder.path + "/events"), "secret": .string(folder.path + "/secret"),
            "port": .integer(Int64(try LoopbackPort.choose())),
        ]) { $1 }
        let port = try await process.begin("department.py", manner)
        manner["port"] = .integer(Int64(port))
        let made = try await house.run(
            ["subscription", "add", name, "--unit", unit, "--url", "http://127.0.0.1:\(port)/events", "--form", form, "--json"])
        let secret = try #require(made.json?["secret"]?.string, "\(made.err)")
        try FileTree.write(Array(secret.utf8), to: folder.path + "/secret", mode: 0o600)
        return Department(name, house, folder, manner, "department.py", process)
    }

    /// A queue of a unit, with a reader that shows the department's own credentials, and first tries what it must not be able to do.
    static func queue(_ name: String, of unit: String, in house: RunningHouse) async throws -> Department {
        let (folder, process) = (try TestDirectory("huiyin-department"), Running())
        let made = try await house.run(["subscription", "add", name, "--unit", unit, "--queue", "--json"])
        let (queue, password) = (try #require(made.json?["queue"]?.string, "\(made.err)"), try #require(made.json?["secret"]?.string))
        let url = "amqp://\(queue):\(password)@127.0.0.1:\(try house.setting("ports", "rabbitmq"))/%2F"
        let manner: [String: JSONValue] = [
            "url": .string(url), "queue": .string(queue), "store": .string(folder.path + "/events"), "forbidden": true,
            "other": "huiyin.routing",
        ]
        return Department(name, house, folder, manner, "queue_reader.py", process)
    }

    /// Starts the reader of a queue; gives what the broker said to each of its tries.
    func read() async throws -> [String] {
        _ = try await process.begin(script, manner)
        return await process.lines.compactMap { line in
            (try? JSONValue(parsing: Array(line.utf8))).flatMap { found in
                found["answer"]?.string.map { "\(found["try"]?.string ?? ""): \($0)" }
            }
        }
    }

    /// Starts the reader of a queue anew, once its user may log in.
    func readAgain() async throws {
        var manner = manner
        manner["forbidden"] = false
        try await eventually(within: .seconds(60), "the queue is there again") { (try? await process.begin(script, manner)) != nil }
    }

    /// Ends the receiver and starts it anew at the same address.
    func restart() async throws { _ = try await process.begin(script, manner) }

    func stop() async { await process.stop() }

    /// What the receiver complained about.
    var complaints: [String] { get async { await process.lines.filter { $0.hasPrefix("wrong") } } }

    /// How many events it wrote down, repeated ones among them.
    var count: Int { FileTree.read(folder.path + "/events")?.count { $0 == UInt8(ascii: "\n") } ?? 0 }

    /// Everything it wrote down, in the order of arrival.
    var heard: [Heard] {
        String(decoding: FileTree.read(folder.path + "/events") ?? [], as: UTF8.self).split(separator: "\n").compactMap { line in
            guard let found = try? JSONValue(parsing: Array(line.utf8)), let id = found["id"]?.string else { return nil }
            return Heard(
                id: id, subject: found["subject"]?.string ?? "", type: found["type"]?.string ?? "",
                sequence: found["sequence"]?.number ?? 0,
                position: found["position"]?.number ?? 0, kind: found["data"]?["kind"]?.string)
        }
    }

    /// How the county shows its subscription.
    func shown() async throws -> JSONValue {
        let output = try await house.run(["subscription", "show", name, "--json"])
        return try #require(output.json, "\(output.err)")
    }

    /// Waits until the county says that all is delivered; says how many events that are.
    func settled(within limit: Duration) async throws -> Int {
        var number = 0
        try await eventually(within: limit, "everything is delivered to \(name)") {
            let shown = try await shown()
            number = shown["number"]?.number ?? 0
            return shown["behind"]?.number == 0 && shown["parked"]?.number == 0
        }
        return number
    }

    /// Fails unless the department has every number from 1 to `number`, each event once by its identifier, and every case's in their order.
    static func expectWhole(_ heard: [Heard], _ number: Int, _ name: String) {
        var (seen, last, places) = (Set<String>(), [String: Int](), [Int: String]())
        for event in heard where event.position > 0 {
            #expect(places.updateValue(event.id, forKey: event.position) ?? event.id == event.id, "\(name): a number means two events")
            guard seen.insert(event.id).inserted else { continue }
            #expect(event.sequence > last[event.subject, default: 0], "\(name): the events of a case overtake each other")
            last[event.subject] = event.sequence
        }
        #expect(places.count == number && places.keys.max() ?? 0 == number && seen.count == number, "\(name): \(places.count) of \(number)")
    }
}
