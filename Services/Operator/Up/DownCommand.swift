import ArgumentParser
import FoundationEssentials
import Glibc

/// `huiyin down`: stops the house, and with `--purge` removes its data too.
public struct DownCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop the house in order.",
        discussion: "The data stays for the next `up`, unless --purge is given. Servers that `up` did not create are never touched.")

    @Flag(help: "Remove everything that `up` created, with all cases, keys and logs. There is no way back.")
    var purge = false

    public init() {}

    public func run() async throws {
        let folder = HouseFolder.current(environment: ProcessInfo.processInfo.environment)
        let console = Console()
        let stopped = try await RunningHouse(folder: folder, console: console).stop()
        let settings: HouseSettings?
        do throws(UpFailure) {
            settings = try HouseSettings.load(from: folder)
        } catch {
            // A damaged file must not keep anybody from removing it.
            guard purge else { throw error }
            settings = nil
        }
        guard FileManager.default.fileExists(atPath: folder.path) else {
            return console.say("No house runs in \(folder.home), and none has data there.")
        }
        guard let lock = try await HouseLock.take(folder, within: stopped ? .seconds(5) : .zero) else {
            throw UpFailure("Another `up` or `down` is at work in \(folder.path): run this again when it is done.")
        }
        defer { withExtendedLifetime(lock) {} }
        let ended = try await Orphans(folder: folder, mark: settings?.mark).end()
        if !ended.isEmpty { console.say("Ended what an earlier run had left: \(ended.joined(separator: ", ")).") }
        if !purge {
            return console.say(
                stopped || !ended.isEmpty
                    ? "Huiyin has stopped; its data stays in \(folder.path)." : "Huiyin was not running; its data is in \(folder.path).")
        }
        if let place = DatabaseFolder.toPurge(folder, settings: settings) { try remove(place) }
        try remove(folder.path)
        console.say("Huiyin has stopped, and its data, keys and logs are gone.")
    }

    private func remove(_ path: String) throws {
        do {
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        } catch {
            throw UpFailure("\(path) cannot be removed: remove it by hand as the user who owns it.")
        }
    }
}
