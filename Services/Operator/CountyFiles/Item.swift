import Models
import Yams

/// A value in a county file that has not been judged yet; each reading notes what is wrong and then returns nil.
struct Item {
    let node: Node
    let file: String
    /// The line of what the value belongs to, for values that have no place of their own.
    let above: Int
    let notes: CompilerNotes

    var line: Int { node.mark?.line ?? above }
    var place: Place { Place(file: file, line: line) }

    /// Whether the value is a block text (`|`), which keeps its lines and begins in the line below.
    var isBlockText: Bool { node.scalar?.style == .literal }

    /// Whether the value is a group of named values.
    var isGroup: Bool { node.mapping != nil }

    /// The text of a value that is neither list nor group, unjudged.
    var spelling: String? { node.scalar?.string }

    func mistake(_ reason: String, _ remedy: String) { notes.mistake(place, reason, remedy) }

    /// Reads text of at least one character.
    func text(_ what: String) -> String? {
        guard case .scalar(let scalar) = node else {
            mistake("\(what) is \(kind), not text", "Write text, in quotes if it holds special characters.")
            return nil
        }
        guard scalar.string.contains(where: { !$0.isWhitespace }) else {
            mistake("\(what) is empty", "Fill it in or delete the line.")
            return nil
        }
        return scalar.string
    }

    func code<C: Code>(_ type: C.Type = C.self) -> C? {
        guard let text = text("the \(C.noun)") else { return nil }
        do throws(CodeError) { return try C(validating: text) } catch {
            mistake("\(error)", "Change it here and wherever it is used.")
            return nil
        }
    }

    /// Reads one of the words of an enumeration.
    func word<W: RawRepresentable & CaseIterable>(_ what: String, _ type: W.Type = W.self) -> W? where W.RawValue == String {
        guard let text = text(what) else { return nil }
        if let value = W(rawValue: text) { return value }
        let known = W.allCases.map(\.rawValue)
        let hint = Spelling.nearest(to: text, among: known).map { "Did you mean \"\($0)\"?" }
        mistake("\(what) \"\(text)\" is not known", hint ?? "Write one of: \(known.joined(separator: ", ")).")
        return nil
    }

    func integer(_ what: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = text(what) else { return nil }
        guard let value = Int(text), !text.hasPrefix("+") else {
            mistake("\(what) \"\(text)\" is no whole number", "Write a number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        guard range.contains(value) else {
            mistake("\(what) \(value) is out of range", "Write a number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return value
    }

    func flag(_ what: String) -> Bool? {
        guard let text = text(what) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default:
            mistake("\(what) is \"\(text)\"", "Write true or false.")
            return nil
        }
    }

    func date(_ what: String) -> LocalDate? {
        guard let text = text(what) else { return nil }
        return date(text, what)
    }

    func date(_ text: String, _ what: String) -> LocalDate? {
        if let date = LocalDate(text) { return date }
        mistake("\(what) \"\(text)\" is no date that exists", "Write it like 2026-02-28.")
        return nil
    }

    /// Reads a term like `15 days` or `5 workdays`.
    func term(_ what: String) -> Term? {
        guard let text = text(what) else { return nil }
        let parts = text.split(separator: " ")
        guard parts.count == 2, let count = Int(parts[0]), let unit = Self.unit(String(parts[1])) else {
            mistake("\(what) \"\(text)\" is no term", "Write it like 15 days, 5 workdays, 2 hours or 8 workhours.")
            return nil
        }
        guard count > 0 else {
            mistake("\(what) \"\(text)\" is \(count == 0 ? "zero" : "negative")", "Write at least 1.")
            return nil
        }
        guard count <= unit.longest else {
            mistake("\(what) \"\(text)\" is longer than ten years", "Write at most \(unit.longest) for this unit.")
            return nil
        }
        return Term(count, unit)
    }

    private static func unit(_ word: String) -> TermUnit? {
        TermUnit(rawValue: word) ?? (word.hasSuffix("s") ? TermUnit(rawValue: String(word.dropLast())) : nil)
    }

    func event(_ what: String) -> EventType? {
        guard let text = text(what) else { return nil }
        if let type = EventType(text), ClockEvents.all.contains(type) { return type }
        if text.hasPrefix("clock.") {
            mistake(
                "\(what) \"\(text)\" is what a clock says itself: clocks that follow each other go round in circles",
                "Name the step of the case that starts or ends it, such as case.accepted.")
            return nil
        }
        let hint = Spelling.nearest(to: text, among: ClockEvents.all.map(\.description)).map { "Did you mean \"\($0)\"?" }
        mistake(
            "\(what) \"\(text)\" is no event that a clock can follow",
            hint ?? "Write one of: \(ClockEvents.all.map(\.description).joined(separator: ", ")).")
        return nil
    }

    /// Reads a list; a single value stands for a list of one.
    func list(_ what: String) -> [Item] {
        switch node {
        case .sequence(let sequence):
            if sequence.isEmpty { mistake("\(what) is an empty list", "Fill it in or delete the line.") }
            return sequence.map { Item(node: $0, file: file, above: line, notes: notes) }
        case .scalar(let scalar) where scalar.string.isEmpty:
            mistake("\(what) is empty", "Fill it in or delete the line.")
            return []
        default: return [self]
        }
    }

    /// Reads a group of named values; names that are not in `known` are mistakes.
    func fields(_ what: String, _ known: [String]) -> Fields? {
        guard case .mapping(let mapping) = node else {
            mistake("\(what) is \(kind), not a group of named values", "Write it as lines of \"name: value\" with the same indentation.")
            return nil
        }
        return Fields(mapping, self, what, known)
    }

    private var kind: String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "empty" : "text"
        case .mapping: "a group of named values"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
