import Models
import Yams

/// A group of named values in a county file.
struct Fields {
    let item: Item
    let what: String
    private let values: [String: Item]

    init(_ mapping: Node.Mapping, _ item: Item, _ what: String, _ known: [String]) {
        var values: [String: Item] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            let line = key.mark?.line ?? item.line
            guard known.contains(name) else {
                let hint = Spelling.nearest(to: name, among: known).map { "Did you mean \"\($0)\"?" }
                item.notes.mistake(
                    Place(file: item.file, line: line), "\(what) knows no \"\(name)\"",
                    hint ?? "Delete it; known are: \(known.joined(separator: ", ")).")
                continue
            }
            values[name] = Item(node: value, file: item.file, above: line, notes: item.notes)
        }
        self.item = item
        self.what = what
        self.values = values
    }

    var place: Place { item.place }
    var notes: CompilerNotes { item.notes }

    /// A value that may be left out.
    func optional(_ name: String) -> Item? { values[name] }

    /// A value that must be there.
    func required(_ name: String) -> Item? {
        if let value = values[name] { return value }
        item.mistake("\(what) lacks \"\(name)\"", "Add it.")
        return nil
    }

    func text(_ name: String) -> String? { required(name)?.text("\"\(name)\"") }

    func localized(_ name: String) -> LocalizedText? { required(name).flatMap { Self.localized($0, name) } }

    func optionalLocalized(_ name: String) -> LocalizedText? { optional(name).flatMap { Self.localized($0, name) } }

    private static func localized(_ item: Item, _ name: String) -> LocalizedText? {
        guard let fields = item.fields("\"\(name)\"", ["zh", "en"]) else { return nil }
        let (zh, en) = (fields.text("zh"), fields.text("en"))
        guard let zh, let en else { return nil }
        return LocalizedText(zh: zh, en: en)
    }

    /// A list of the words of an enumeration that may be left out; words given twice are mistakes.
    func words<W: RawRepresentable & CaseIterable & Hashable>(_ name: String, _ type: W.Type = W.self) -> [W] where W.RawValue == String {
        distinct(name) { $0.word("the value of \"\(name)\"", W.self) }
    }

    /// A list of codes that may be left out; codes given twice are mistakes.
    func codes<C: Code>(_ name: String, _ type: C.Type = C.self) -> [(C, Place)] {
        var places: [C: Place] = [:]
        let codes = distinct(name) { item in
            let code = item.code(C.self)
            if let code { places[code] = places[code] ?? item.place }
            return code
        }
        return codes.map { ($0, places[$0] ?? place) }
    }

    /// A list that may be left out, without the elements that cannot be read; elements given twice are mistakes.
    func distinct<T: Hashable>(_ name: String, _ read: (Item) -> T?) -> [T] {
        guard let list = optional(name) else { return [] }
        var (seen, values) = (Set<T>(), [T]())
        for item in list.list("\"\(name)\"") {
            guard let value = read(item) else { continue }
            if seen.insert(value).inserted {
                values.append(value)
            } else {
                item.mistake("\"\(name)\" names \(item.spelling.map { "\"\($0)\"" } ?? "the same") twice", "Delete one.")
            }
        }
        return values
    }
}
