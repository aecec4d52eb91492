import FoundationEssentials
import Models
import ServiceKit
import Yams

/// The operator's file of ways (`HUIYIN_NOTICE_WAYS`): which endpoints there are, and who is reached by which.
struct WayFile: Sendable {
    var ways: [NoticeWay]
    var routes: NoticeRoutes

    /// A file larger than this is no list of ways.
    private static let largest = 256 * 1024

    /// Reads the file at `path`; throws one sentence for each of its first mistakes.
    init(path: String, environment: [String: String]) throws(StartupFailure) {
        func refuse(_ faults: [WayFault]) -> StartupFailure {
            StartupFailure("HUIYIN_NOTICE_WAYS: \(path): " + faults.prefix(5).map(\.description).joined(separator: " "))
        }
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= Self.largest else {
            throw refuse([WayFault(line: nil, reason: "the file cannot be read", remedy: "Create it, readable by the service's user.")])
        }
        var faults: [WayFault] = []
        let read = Self.read(String(decoding: bytes, as: UTF8.self), WaySecrets(environment: environment), &faults)
        guard let read, faults.isEmpty else { throw refuse(faults) }
        self = read
    }

    private init(ways: [NoticeWay], routes: NoticeRoutes) {
        self.ways = ways
        self.routes = routes
    }

    /// Reads the text of a file; nil, with faults, when something in it is wrong.
    static func read(_ text: String, _ secrets: WaySecrets, _ faults: inout [WayFault]) -> WayFile? {
        let root: Node?
        do { root = try compose(yaml: text) } catch {
            if case .duplicatedKeysInMapping(let names, let context)? = error as? YamlError, let name = names.first {
                faults.append(
                    WayFault(line: context.mark.line, reason: "\"\(name)\" stands there twice", remedy: "Delete one of the two."))
                return nil
            }
            let line = (error as? YamlError).flatMap(Self.line)
            faults.append(WayFault(line: line, reason: "this is no YAML", remedy: "Look at the indentation and the quotes around here."))
            return nil
        }
        guard let root else {
            faults.append(WayFault(line: nil, reason: "the file is empty", remedy: "Write \"ways\" and \"reach\" into it."))
            return nil
        }
        do throws(WayFault) {
            let fields = try WayFields(WayNode(root, above: 1), "the file", known: ["ways", "reach"])
            var ways: [NoticeWay] = []
            for (name, node) in try fields.required("ways").fields("\"ways\"") {
                do throws(WayFault) { ways.append(try way(name, node, secrets)) } catch { faults.append(error) }
            }
            let reach = try WayFields(try fields.required("reach"), "\"reach\"", known: ["petitioners", "units"])
            // What could not be read is a mistake already, so nobody is told twice of it.
            let known = try fields.required("ways").fields("\"ways\"").map(\.name)
            let routes = NoticeRoutes(
                petitioners: try order(reach, "petitioners", known), units: try order(reach, "units", known))
            for way in ways where !routes.petitioners.contains(way.name) && !routes.units.contains(way.name) {
                faults.append(
                    WayFault(line: nil, reason: "nobody is reached by \"\(way.name)\"", remedy: "Name it under \"reach\" or delete it."))
            }
            return faults.isEmpty ? WayFile(ways: ways, routes: routes) : nil
        } catch {
            faults.append(error)
            return nil
        }
    }

    /// The names of ways under `audience`, each once and known.
    private static func order(_ reach: WayFields, _ audience: String, _ known: [String]) throws(WayFault) -> [String] {
        var order: [String] = []
        for item in try reach.required(audience).list("\"\(audience)\"") {
            let name = try item.text("the name of a way")
            guard known.contains(name) else {
                throw item.fault("there is no way \"\(name)\"", "Write one of: \(known.joined(separator: ", ")).")
            }
            guard !order.contains(name) else { throw item.fault("\"\(name)\" stands there twice", "Delete one of the two.") }
            order.append(name)
        }
        return order
    }

    private static func line(of error: YamlError) -> Int? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }

    private static func way(_ name: String, _ node: WayNode, _ secrets: WaySecrets) throws(WayFault) -> NoticeWay {
        guard !name.isEmpty, name.utf8.count <= 40, name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
        else {
            throw node.fault("the name of a way is none of small letters, digits and hyphens", "Give it another.")
        }
        let word = try node.fields("the way \"\(name)\"").first { $0.name == "kind" }
        guard let word else { throw node.fault("the way \"\(name)\" lacks \"kind\"", "Add it.") }
        let kinds = NoticeWay.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        guard let kind = NoticeWay.Kind(rawValue: try word.value.text("\"kind\"")) else {
            throw word.value.fault("there is no such kind of way", "Write one of: \(kinds).")
        }
        func fields(_ known: [String]) throws(WayFault) -> WayFields { try WayFields(node, "the way \"\(name)\"", known: ["kind"] + known) }
        switch kind {
        case .smtp: return NoticeWay(name: name, endpoint: try MailWay.read(fields(MailWay.known), secrets))
        case .sms: return NoticeWay(name: name, endpoint: .text(try TextWay.read(fields(TextWay.known), secrets)))
        case .webhook:
            let url = try fields(["url"]).required("url")
            return NoticeWay(name: name, endpoint: .webhook(url: try TextWay.address(url, try url.text("\"url\""))))
        case .file: return NoticeWay(name: name, endpoint: .files(folder: try fields(["folder"])["folder"]?.path("\"folder\"")))
        case .letter:
            return NoticeWay(name: name, endpoint: .letters(folder: try fields(["folder"]).required("folder").path("\"folder\"")))
        }
    }
}
