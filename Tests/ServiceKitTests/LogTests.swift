import FoundationEssentials
import Glibc
import Logging
import Testing

@testable import ServiceKit

@Suite struct LogTests {
    private func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:]) -> String {
        let line = LogLine(
            format: format, time: Timestamp(seconds: 1_772_352_000, milliseconds: 7), level: .info, logger: "huiyin-intake",
            message: message,
            metadata: metadata)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test("a text line has time, level, logger, message and the metadata in order")
    func text() {
        let line = line(.text, "service ready", ["version": "0.1.0", "address": "127.0.0.1:7101"])

        #expect(line == "2026-03-01T08:00:00.007Z info huiyin-intake service ready address=127.0.0.1:7101 version=0.1.0\n")
    }

    @Test("a JSON line is one object whose numbers and truth values stay what they are")
    func json() {
        let line = line(
            .json, "x",
            [
                "count": .stringConvertible(3), "duration": .stringConvertible(0.25), "ok": .stringConvertible(true), "list": ["a", "b"],
                "map": ["k": "v"],
            ])

        #expect(
            line == #"{"time":"2026-03-01T08:00:00.007Z","level":"info","logger":"huiyin-intake","message":"x","#
                + #""count":3,"duration":0.25,"list":["a","b"],"map":{"k":"v"},"ok":true}"# + "\n")
    }

    @Test("no value can end a line, close a string or move the cursor", arguments: [LogFormat.text, .json])
    func escaping(format: LogFormat) throws {
        let hostile = "a\nb\r\u{1B}[2J\"\\\u{7F}\u{85}\u{2028}\u{202E}\u{0}é回"

        let line = line(format, hostile, ["reason": "\(hostile)"])

        #expect(line.filter(\.isNewline).count == 1)
        #expect(line.hasSuffix("\n"))
        #expect(line.unicodeScalars.dropLast().allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && $0.value != 0x202E })
        #expect(line.contains("é回"))
        if format == .json {
            let parsed = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
            #expect(parsed["message"] == hostile)
            #expect(parsed["reason"] == hostile)
        }
    }

    @Test("a text value that needs quotes gets them")
    func quoting() {
        #expect(
            line(.text, "m", ["a": "two words", "b": "", "c": "k=v", "d": "plain"]).hasSuffix(
                #" a="two words" b="" c="k=v" d=plain"# + "\n"))
    }

    @Test("a very long value is cut")
    func cut() {
        let line = line(.json, "m", ["error": "\(String(repeating: "x", count: 100_000))"])

        #expect(line.utf8.count < 2300)
        #expect(line.contains("x…\"}"))
    }

    @Test(
        "times are right on leap days, at the turn of years and before 1970",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"), (951_868_799, "2000-02-29T23:59:59.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"), (1_767_225_599, "2025-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.000Z"),
        ])
    func timestamps(seconds: Int, text: String) {
        var bytes: [UInt8] = []

        Timestamp(seconds: seconds, milliseconds: 0).append(to: &bytes)

        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test("the timestamp agrees with the system's calendar on any day")
    func timestampsAgainstSystem() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let seconds = Int.random(in: -2_000_000_000...8_000_000_000, using: &generator)
            var time = seconds
            var parts = tm()
            gmtime_r(&time, &parts)
            var bytes: [UInt8] = []

            Timestamp(seconds: seconds, milliseconds: 0).append(to: &bytes)

            let digits = String(decoding: bytes, as: UTF8.self).split { !$0.isNumber }.compactMap { Int($0) }
            #expect(
                digits.prefix(6) == [
                    Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min),
                    Int(parts.tm_sec),
                ])
        }
    }

    @Test("lines of many tasks never mix")
    func oneLineAtATime() async throws {
        try await LogPipe.with { pipe in
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        let handler = HuiyinLogHandler(label: "t", level: .info, format: .json, output: pipe.output)
                        let logger = Logger(label: "t") { _ in handler }
                        // All of them fit into a pipe that nobody reads.
                        for number in 0..<50 { logger.info("line", metadata: ["task": "\(task)", "number": "\(number)"]) }
                    }
                }
            }

            let lines = pipe.read().split(separator: "\n")
            #expect(lines.count == 400)
            for line in lines {
                #expect(throws: Never.self) { try JSONDecoder().decode([String: String].self, from: Data(line.utf8)) }
            }
        }
    }

    @Test("nobody waits for a log that is not read, and no line is glued to another", arguments: [100, 3000, 5000, 200_000])
    func fullPipe(length: Int) async throws {
        try await LogPipe.with { pipe in
            func line(_ letter: String, _ length: Int) -> [UInt8] { Array((String(repeating: letter, count: length) + "\n").utf8) }
            let long = line("a", length)
            for _ in 0..<(100_000 / length + 10) { pipe.output.write(long) }
            let full = pipe.read()
            pipe.output.write(line("b", 10))
            pipe.output.write(line("c", 10))
            let after = pipe.read()

            #expect(full.utf8.count > 30_000 && full.utf8.count <= 65_536)
            #expect((full + after).hasSuffix("\nbbbbbbbbbb\ncccccccccc\n"))
            if length < 4096 { #expect(full.split(separator: "\n").allSatisfy { $0.utf8.count == length }) }
        }
    }

    @Test("the level of the handler counts, and the metadata of the line wins over the logger's")
    func handler() async throws {
        try await TemporaryFolder.with { folder in
            let path = try folder.file("log", "")
            let descriptor = open(path, O_WRONLY | O_APPEND)
            let handler = HuiyinLogHandler(label: "t", level: .info, format: .text, output: .descriptor(descriptor))
            var logger = Logger(label: "t") { _ in handler }
            logger[.part] = "relay"
            logger[metadataKey: "hb.request.id"] = "5"

            logger.debug("hidden")
            logger.info("shown", metadata: .of([.part: "http"]))
            logger.error("failed", error: ConfigurationError(variable: "X", sentence: "Set X."))
            logger.error("failed", error: TestFailure("personal data"))
            close(descriptor)

            let lines = contents(of: path)?.split(separator: "\n").map { $0.dropFirst(25) }
            #expect(
                lines == [
                    "info t shown part=http", #"error t failed error="Set X." part=relay"#,
                    "error t failed error=ServiceKitTests.TestFailure part=relay",
                ])
        }
    }

    @Test("every key is a lower-case word that collectors accept")
    func keys() {
        for key in LogKey.allCases {
            #expect(key.rawValue.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_") })
        }
    }
}

/// A pipe that a log is written to, and read from when the test says so.
private struct LogPipe {
    private let readEnd: Int32
    private let writeEnd: Int32

    var output: LogOutput { .descriptor(writeEnd) }

    static func with<Result>(_ body: (LogPipe) async throws -> Result) async throws -> Result {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        return try await body(LogPipe(readEnd: ends[0], writeEnd: ends[1]))
    }

    /// What lies in the pipe now.
    func read() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var question = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        while poll(&question, 1, 0) == 1 {
            let count = Glibc.read(readEnd, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
