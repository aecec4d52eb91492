import ArgumentParser
import Foundation
import TestModels

/// Throws mutated inputs at whatever reads what strangers send, and tells which one ends the process.
@main
struct FuzzMain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz", abstract: "Throw mutated inputs at what reads events, tables, county files, tokens, receipts and secrets.",
        discussion: """
            Each input follows from the seed and its number alone. When one ends the process, its target and number are the last line; \
            --from and --inputs 1 play it again.
            """)

    @Option(help: "How many inputs each target gets.") var inputs = 1_000_000
    @Option(help: "The seed that all inputs follow from.") var seed: UInt64 = 1
    @Option(help: "The number of the first input.") var from = 0
    @Option(help: "The folder of the county whose files are mutated.") var county = "deploy/county"
    @Flag(help: "Print one line of JSON.") var json = false
    @Argument(help: "The targets; all without.") var targets: [String] = []

    func run() async throws {
        let all = try await FuzzTarget.all(county: county)
        let unknown = targets.filter { name in !all.contains { $0.name == name } }
        guard unknown.isEmpty else {
            throw ValidationError("There is no target \(unknown[0]), only \(all.map(\.name).joined(separator: ", ")).")
        }
        var figures: [String] = []
        for target in all where targets.isEmpty || targets.contains(target.name) {
            let clock = ContinuousClock.now
            let accepted = try await play(target)
            let seconds = (ContinuousClock.now - clock) / .seconds(1)
            if json {
                figures.append("\"\(target.name)\":\(inputs)")
            } else {
                print("\(target.name): \(inputs) inputs, \(accepted) taken as good, no crash, \(Int(seconds.rounded())) s")
            }
        }
        if json { print("{\"inputs\":{\(figures.joined(separator: ","))},\"crashes\":0}") }
    }

    /// How many of the inputs were taken as good.
    private func play(_ target: FuzzTarget) async throws -> Int {
        let lanes = ProcessInfo.processInfo.activeProcessorCount
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var accepted = 0
                    for number in stride(from: from + lane, to: from + inputs, by: lanes) {
                        CrashNote.note(target.name, number, lane: lane)
                        var random = SeededRandom(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number))
                        if try await target.read(Mutation.input(from: target.corpus, words: target.words, &random)) { accepted += 1 }
                    }
                    return accepted
                }
            }
            return try await group.reduce(0, +)
        }
    }
}
