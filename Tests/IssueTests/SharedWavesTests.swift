import Foundation
import Models
import TestSupport
import Testing

@testable import Operator
@testable import Routing

/// Real messages, where they are at hand: known waves are among the hottest, exact repeats are told from the words of others.
@Suite("Waves among real messages")
struct SharedWavesTests {
    private struct Message {
        var id: String
        var user: String
        var title: String
        var narrative: String
        var time: Instant
        var likes: Int
    }

    private static func messages() throws -> [Message]? {
        guard let path = SharedData.path("messages.csv") else { return nil }
        var reader = CSVReader(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        var messages: [Message] = []
        while let item = reader.next() {
            guard case .record(_, let fields) = item, fields.count == 7, let time = Instant(fields[4] + "+08:00") else { continue }
            messages.append(
                Message(id: fields[0], user: fields[1], title: fields[2], narrative: fields[3], time: time, likes: Int(fields[6]) ?? 0))
        }
        return messages.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
    }

    @Test("puts the waves that everybody knows near the top", .enabled(if: SharedData.path("messages.csv") != nil, SharedData.absence))
    func waves() throws {
        let messages = try #require(try Self.messages())
        #expect(messages.count > 3_400)
        var book = IssueBook()
        let matters = messages.enumerated().map { number, message in
            IssueMatter(
                subject: Subject(UniqueID(high: 1, low: UInt64(number))), registered: message.time,
                opening: MatterPieces.opening(title: message.title, narrative: message.narrative),
                writers: [Int64(truncatingIfNeeded: message.user.utf8.reduce(UInt64(5381)) { $0 &* 33 &+ UInt64($1) })],
                likes: message.likes, issue: nil)
        }
        for start in stride(from: 0, to: matters.count, by: 100) { _ = book.add(Array(matters[start..<min(start + 100, matters.count)])) }

        var rule = HotIssueRule.standard
        rule.days = 400
        let now = try #require(messages.last?.time)
        let hottest = book.groups.indices.map { (group: $0, heat: book.heat(of: $0, at: now, by: rule)) }
            .filter { $0.heat.cases >= rule.least }.sorted { $0.heat.index > $1.heat.index }.prefix(10)
        let texts = hottest.map { found in book.groups[found.group].members.map { book.matters[$0].opening } }
        for wave in ["58车贷", "伊景园", "丽发新城", "购房补贴"] {
            #expect(
                texts.contains { openings in openings.count { $0.contains(wave) } * 2 > openings.count }, "\(wave) is not among the hottest"
            )
        }
        for found in hottest {
            let title = book.matters[book.groups[found.group].middle].opening.prefix { !$0.isNewline }
            print("heat \(found.heat.index) cases \(found.heat.cases) people \(found.heat.people) likes \(found.heat.likes): \(title)")
        }
    }

    @Test("finds texts that are nearly the same", .enabled(if: SharedData.path("messages.csv") != nil, SharedData.absence))
    func nearDuplicates() throws {
        let messages = try #require(try Self.messages())
        var byBand: [Int32: [Int]] = [:]
        var sketches: [MatterSketch?] = []
        var pairs: [(Int, Int, Double)] = []
        for (number, message) in messages.enumerated() {
            let sketch = MatterSketch(title: message.title, narrative: message.narrative)
            sketches.append(sketch)
            guard let sketch else { continue }
            let bands = Set(sketch.bands)
            for other in Set(bands.flatMap { byBand[$0] ?? [] }) {
                guard let likeness = sketches[other]?.likeness(to: sketch), likeness >= Double(MatterSketch.sameMatter) / 1000 else {
                    continue
                }
                pairs.append((other, number, likeness))
            }
            for band in bands { byBand[band, default: []].append(number) }
        }
        let labels = try Self.labels()
        func key(_ one: Int, _ other: Int) -> String { [messages[one].id, messages[other].id].sorted().joined(separator: " ") }
        let found = Set(pairs.map { key($0.0, $0.1) })
        let judged = found.compactMap { labels[$0] }
        let precision = Double(judged.count { $0 }) / Double(judged.count)
        let same = labels.filter(\.value).keys
        let recall = Double(same.count { found.contains($0) }) / Double(same.count)
        print("near-duplicates: \(found.count) found, \(judged.count) judged, precision \(precision), recall \(recall)")
        #expect(judged.count * 10 > found.count * 9, "\(found.subtracting(labels.keys).sorted()) were never judged")
        #expect(precision > 0.93)
        #expect(recall > 0.9)
    }

    /// Pairs of messages, by their ids, and whether somebody who read them took them for one matter.
    private static func labels() throws -> [String: Bool] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Labels/near-duplicates.csv")
        var reader = CSVReader(Array(try Data(contentsOf: path)))
        var labels: [String: Bool] = [:]
        while let item = reader.next() {
            guard case .record(_, let fields) = item, fields.count == 3, fields[0] != "one" else { continue }
            labels[[fields[0], fields[1]].sorted().joined(separator: " ")] = fields[2] == "1"
        }
        return labels
    }
}
