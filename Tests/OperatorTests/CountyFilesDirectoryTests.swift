import Foundation
import Models
import Operator
import Testing

@Suite struct CountyFilesDirectoryTests {
    private func expect(_ file: String, _ words: String, _ county: CountyFilesFixture, change: (URL) throws -> Void = { _ in }) throws {
        let mistakes = try county.mistakes(change: change)

        #expect(
            mistakes.contains { $0.file == file && $0.description.contains(words) },
            "\(mistakes.map(\.description).joined(separator: "\n"))")
    }

    @Test(
        "Every missing file is named, and mentions of what it would define are not reported too",
        arguments: ["county.yaml", "units.yaml", "regions.yaml", "topics.yaml", "rules.yaml"])
    func missing(_ file: String) throws {
        var county = CountyFilesFixture.smallest
        county.files[file] = nil

        let mistakes = try county.mistakes()

        #expect(mistakes.map(\.file) == [file] && mistakes.first?.reason.contains("missing") == true)
    }

    @Test("A directory that does not exist is one mistake")
    func noDirectory() {
        guard case .failure(let mistakes) = CountyCompiler.compile(directory: "/nowhere/at-all") else {
            Issue.record("nothing was reported")
            return
        }

        #expect(mistakes.list.count == 1 && mistakes.description.contains("no such directory"))
    }

    @Test("Files whose names would be overlooked are reported")
    func strangeNames() throws {
        var county = CountyFilesFixture.smallest
        county.files["rule.yaml"] = "rules: []"
        county.files["packs/other.yml"] = "code: other"
        county.files["README.md"] = "text"

        try expect("rule.yaml", "Did you mean \"rules.yaml\"?", county)
        try expect("packs/other.yml", ".yaml", county)
        #expect(try county.mistakes().count == 2)
    }

    @Test("A pack that fits as well as another, and a second pack for everything, are reported where they stand")
    func packs() throws {
        var county = CountyFilesFixture.smallest
        let base = county.files["packs/base.yaml"] ?? ""
        county.files["packs/second.yaml"] = base.replacing("code: base", with: "code: second")
        try expect("packs/second.yaml", "both without conditions", county)

        county.files["packs/second.yaml"] = base.replacing(
            "code: base", with: "code: second\napplies: {kinds: [claim, help], channels: [web]}")
        county.files["packs/third.yaml"] = base.replacing("code: base", with: "code: third\napplies: {kinds: [claim], urgencies: [urgent]}")
        try expect("packs/third.yaml", "fit some cases equally well", county)

        county.files["packs/third.yaml"] = base.replacing(
            "code: base", with: "code: third\napplies: {kinds: [inquiry], urgencies: [urgent]}")
        #expect(try county.mistakes() == [])
    }

    @Test("Two files for one year, and days that two files disagree about, are reported")
    func years() throws {
        var county = CountyFilesFixture.smallest
        county.files["calendars/twice.yaml"] = "year: 2026\npublished: false\nmake-up: [2026-04-05]"

        try expect("calendars/twice.yaml", "already described in calendars/2026.yaml", county)
        try expect("calendars/twice.yaml", "also a holiday in calendars/2026.yaml:6", county)
    }

    @Test("Overlays stand in a file of their own and name a day once")
    func overlays() throws {
        var county = CountyFilesFixture.smallest
        county.files["calendars/local.yaml"] = "overlays:\n  - {date: 2026-07-15, working: false, reason: {zh: 防汛, en: Flood}}"
        let definition = try county.compile().get()
        #expect(definition.overlays.map(\.date.description) == ["2026-07-15"])

        county.files["calendars/local.yaml"]? += "\n  - {date: 2026-07-15, working: true, reason: {zh: 防汛, en: Flood}}"
        try expect("calendars/local.yaml", "already has an overlay in line 2", county)
        county = try CountyFilesFixture.smallest.replacing(
            "year: 2026", in: "calendars/2026.yaml",
            with: "year: 2026\noverlays: [{date: 2026-07-15, working: false, reason: {zh: 防汛, en: Flood}}]")
        try expect("calendars/2026.yaml", "file of its own", county)
    }

    @Test("A required notice that is missing in a language is reported")
    func required() throws {
        var county = CountyFilesFixture.smallest
        county.files["templates/passed.yaml"] = nil
        try expect("templates", "no text of \"passed\" in zh", county)
        try expect("templates", "no text of \"passed\" in en", county)
    }

    @Test("Working hours are wanted when a pack counts them")
    func workingHours() throws {
        let county = try CountyFilesFixture.smallest.replacing(
            "working-hours: [\"09:00-12:00\", \"13:00-17:00\"]\n", in: "county.yaml", with: ""
        )
        .replacing("15 days", in: "packs/base.yaml", with: "8 workhours")

        try expect("packs/base.yaml", "counts working hours", county)
    }

    @Test("Bytes that are no UTF-8, a byte order mark, a huge file and what is no file are refused")
    func bytes() throws {
        let county = CountyFilesFixture.smallest
        try expect("topics.yaml", "not UTF-8", county) {
            try Data([0x61, 0x0A, 0x62, 0xFF, 0x0A]).write(to: $0.appendingPathComponent("topics.yaml"))
        }
        try expect("topics.yaml", "byte order mark", county) {
            try Data([0xEF, 0xBB, 0xBF] + Array("topics: []".utf8)).write(to: $0.appendingPathComponent("topics.yaml"))
        }
        try expect("topics.yaml", "larger than 1024 KiB", county) {
            try Data(count: 2_000_000).write(to: $0.appendingPathComponent("topics.yaml"))
        }
        try expect("topics.yaml", "no plain file", county) {
            try FileManager.default.removeItem(at: $0.appendingPathComponent("topics.yaml"))
            try FileManager.default.createSymbolicLink(
                atPath: $0.appendingPathComponent("topics.yaml").path, withDestinationPath: "/dev/zero")
        }
        try expect("topics.yaml", "empty", county) { try Data("# nothing\n".utf8).write(to: $0.appendingPathComponent("topics.yaml")) }
    }

    @Test(
        "Files made to exhaust the parser are refused quickly",
        arguments: [
            String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000), String(repeating: "? ", count: 100_000),
            (0..<700).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
            "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n? *c\n: d",
            "\"" + String(repeating: "{", count: 50) + "\": " + String(repeating: "{a: ", count: 5000),
        ])
    func bombs(_ text: String) throws {
        var county = CountyFilesFixture.smallest
        county.files["topics.yaml"] = text

        #expect(try county.mistakes().contains { $0.file == "topics.yaml" })
    }

    @Test("Whatever bytes a file holds, compiling ends with a result")
    func noise() throws {
        var numbers = SystemRandomNumberGenerator()
        let pieces = [
            "- ", ": ", "{", "}", "[", "]", "\"", "'", "|", ">", "#", "\n", "  ", "code", "name", "zh", "&", "*a", "!", "%", "---", "县",
            "\\", ",", "?", "...",
        ]
        for _ in 0..<60 {
            var county = CountyFilesFixture.smallest
            county.files["units.yaml"] = (0..<Int.random(in: 1...60, using: &numbers)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &numbers)]
            }
            .joined()
            #expect(try !county.mistakes().isEmpty)
        }
    }
}
