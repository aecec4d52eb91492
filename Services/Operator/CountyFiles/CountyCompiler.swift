import Foundation
import Models

/// Compiles a directory of county files into a county definition, or finds every mistake in them.
///
/// The directory holds `county.yaml`, `units.yaml`, `regions.yaml`, `topics.yaml` and `rules.yaml`, and the folders `packs`,
/// `calendars` and `templates` with one YAML file for each pack, year and notice. A file that is no YAML yields one
/// mistake; all others are read to the end, and what other files say about them is still checked.
public struct CountyCompiler {
    /// More files than any county needs.
    static let mostFiles = 400
    static let mainFiles = ["county.yaml", "units.yaml", "regions.yaml", "topics.yaml", "rules.yaml"]
    static let folders = ["packs", "calendars", "templates"]

    private let directory: URL
    private let zones: String
    private let notes = CompilerNotes()

    /// Compiles the files in `directory`; `zones` is the system's time zone database, from which the county's offsets are taken.
    public static func compile(
        directory: String, zones: String = "/usr/share/zoneinfo"
    ) -> Result<CountyDefinition, CountyMistakes> {
        compileWithRemarks(directory: directory, zones: zones).result
    }

    /// The same, with what is no mistake but may be meant otherwise, in the order of files and lines.
    public static func compileWithRemarks(
        directory: String, zones: String = "/usr/share/zoneinfo"
    ) -> (result: Result<CountyDefinition, CountyMistakes>, remarks: [CountyMistake]) {
        let compiler = CountyCompiler(directory: URL(fileURLWithPath: directory, isDirectory: true), zones: zones)
        let result = compiler.result()
        return (result, compiler.notes.remarks.sorted())
    }

    /// What is wrong with one file by itself; codes that other files define count as defined.
    package static func mistakes(inFile name: String, bytes: [UInt8], zones: String = "/usr/share/zoneinfo") -> [CountyMistake] {
        let notes = CompilerNotes()
        guard let root = CountyFile(name, bytes: bytes, notes: notes)?.root else { return notes.mistakes.sorted() }
        switch name {
        case "county.yaml": _ = MainFile(root, zones: zones)
        case "units.yaml": _ = UnitsFile.units(root)
        case "regions.yaml": _ = RegionsFile.regions(root)
        case "topics.yaml": _ = TopicsFile.topics(root)
        case "rules.yaml": _ = RulesFile.rules(root)
        case _ where name.hasPrefix("packs/"): _ = PackFile.pack(root)
        case _ where name.hasPrefix("calendars/"): CalendarFiles(notes: notes).read(root)
        case _ where name.hasPrefix("templates/"): TemplateFiles(notes: notes).read(root)
        default: notes.mistake(Place(file: name, line: 1), "a county has no such file", "Name it as in the sample county.")
        }
        return notes.mistakes.sorted()
    }

    private func result() -> Result<CountyDefinition, CountyMistakes> {
        let definition = run()
        let mistakes = notes.mistakes.sorted()
        if !mistakes.isEmpty { return .failure(CountyMistakes(list: mistakes)) }
        guard let definition else {
            return .failure(
                CountyMistakes(list: [
                    CountyMistake(
                        file: "county.yaml", line: 1, reason: "the county is incomplete", remedy: "Compare it with the sample county.")
                ]))
        }
        return .success(definition)
    }

    private func run() -> CountyDefinition? {
        guard checkDirectory() else { return nil }
        let main = read("county.yaml").map { MainFile($0.root, zones: zones) }
        let units = read("units.yaml", orElse: { $0.units.isComplete = false }).map { UnitsFile.units($0.root) }
        let regions = read("regions.yaml", orElse: { $0.regions.isComplete = false }).map { RegionsFile.regions($0.root) }
        let topics = read("topics.yaml", orElse: { $0.topics.isComplete = false }).map { TopicsFile.topics($0.root) }
        let rules = read("rules.yaml").map { RulesFile.rules($0.root) }
        let packs = readPacks()
        let (calendars, templates) = (CalendarFiles(notes: notes), TemplateFiles(notes: notes))
        for file in files("calendars") { read(file).map { calendars.read($0.root) } }
        for file in files("templates") { read(file).map { templates.read($0.root) } }
        templates.checkRequired(Place(file: "templates", line: 1))
        notes.checkMentions()
        // Trees can only be built of codes without circles; where that fails, the circle is reported already.
        let topicTree = topics.flatMap { list in try? CodeTree(list.map { ($0.code, $0.parent) }) }
        let regionTree = regions.flatMap { list in try? CodeTree(list.map { ($0.code, $0.parent) }) }
        RuleReach.check(rules ?? [], topics: topicTree, regions: regionTree, notes: notes)
        PackFit.check(packs, topics: topicTree, notes: notes)
        PackFit.checkClocks(packs, rules: (rules ?? []).map(\.0), notes: notes)
        checkWorkingHours(main, packs)
        guard let main, let code = main.code, let name = main.name, let offsets = main.offsets, let desk = main.desk,
            let standby = main.standbyDesk, let units, let regions, let topics, let rules
        else { return nil }
        return CountyDefinition(
            code: code, name: name, offsets: offsets, workingHours: main.workingHours, quietHours: main.quietHours, desk: desk,
            standbyDesk: standby, units: units, regions: regions, topics: topics, rules: rules.map(\.0),
            packs: packs.map(\.pack).sorted { $0.code < $1.code }, years: calendars.years.sorted { $0.year < $1.year },
            overlays: calendars.overlays.sorted { $0.date < $1.date },
            templates: templates.templates.sorted {
                ($0.id.rawValue, $0.language.rawValue, $0.channel.rawValue) < ($1.id.rawValue, $1.language.rawValue, $1.channel.rawValue)
            }, duties: main.duties, digestAt: main.digestAt, topicPrecision: main.topicPrecision,
            hotIssues: main.hotIssues)
    }

    private func readPacks() -> [(pack: RulePack, place: Place)] {
        var packs: [(pack: RulePack, place: Place)] = []
        for file in files("packs") {
            guard let root = read(file, orElse: { $0.packs.isComplete = false })?.root else { continue }
            if let pack = PackFile.pack(root) { packs.append(pack) }
        }
        return packs
    }

    private func checkWorkingHours(_ main: MainFile?, _ packs: [(pack: RulePack, place: Place)]) {
        guard let main, main.workingHours.isEmpty else { return }
        for (pack, place) in packs {
            let terms = pack.clocks.flatMap { clock -> [Term] in
                let own = [clock.term, clock.extensionRule?.longest].compactMap { $0 }
                return own + pack.ladder(of: clock).afterDue.map(\.after)
            }
            if terms.contains(where: { $0.unit == .workhour }) {
                notes.mistake(place, "\(pack.code) counts working hours, but the county has none", "Add \"working-hours\" to county.yaml.")
            }
        }
    }

    private func read(_ name: String, orElse: (CompilerNotes) -> Void = { _ in }) -> CountyFile? {
        let file = CountyFile(name, in: directory, notes: notes)
        if file == nil { orElse(notes) }
        return file
    }

    /// The YAML files of a folder, by name; at least one is wanted.
    private func files(_ folder: String) -> [String] {
        let path = directory.appendingPathComponent(folder).path
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter {
            $0.hasSuffix(".yaml") && !$0.hasPrefix(".")
        }
        if names.isEmpty {
            notes.mistake(Place(file: folder, line: 1), "the folder \(folder) holds no .yaml file", "Add one, as in the sample county.")
        }
        return names.sorted().prefix(Self.mostFiles).map { "\(folder)/\($0)" }
    }

    /// Reports files that would be overlooked, as a misspelt name is.
    private func checkDirectory() -> Bool {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path) else {
            notes.mistake(
                Place(file: directory.lastPathComponent, line: 1), "there is no such directory or it cannot be read",
                "Name the directory that holds county.yaml.")
            return false
        }
        for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            if !Self.mainFiles.contains(name) {
                let hint = Spelling.nearest(to: name, among: Self.mainFiles).map { "Did you mean \"\($0)\"?" }
                notes.mistake(Place(file: name, line: 1), "this file is no part of a county", hint ?? "Delete it or move it away.")
            }
        }
        for folder in Self.folders {
            let inside = (try? FileManager.default.contentsOfDirectory(atPath: directory.appendingPathComponent(folder).path)) ?? []
            if inside.count > Self.mostFiles {
                notes.mistake(Place(file: folder, line: 1), "there are more than \(Self.mostFiles) files in \(folder)", "Keep fewer.")
            }
            for name in inside where name.hasSuffix(".yml") {
                notes.mistake(Place(file: "\(folder)/\(name)", line: 1), "files must end in .yaml to be read", "Rename it.")
            }
        }
        return true
    }
}
