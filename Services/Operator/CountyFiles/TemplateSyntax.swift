/// Checks the small part of mustache that templates may use: `{{field}}`, `{{#field}}…{{/field}}`, `{{^field}}…{{/field}}`.
///
/// Partials, changed delimiters and lambdas are refused: a template is a text with gaps, not a program.
enum TemplateSyntax {
    /// What is wrong with a template, with lines from 0.
    static func faults(in text: String, fields: [String]) -> [(line: Int, reason: String, remedy: String)] {
        var faults: [(line: Int, reason: String, remedy: String)] = []
        var open: [(name: String, line: Int)] = []
        var rest = text[...]
        var line = 0
        func advance(_ to: String.Index) {
            line += rest[..<to].utf8.count { $0 == UInt8(ascii: "\n") }
            rest = rest[to...]
        }
        while let begin = rest.firstRange(of: "{{") {
            advance(begin.upperBound)
            let isTriple = rest.first == "{"
            if isTriple { advance(rest.index(after: rest.startIndex)) }
            guard let end = rest.firstRange(of: isTriple ? "}}}" : "}}"),
                !rest[..<end.lowerBound].contains(where: { $0.isNewline || $0 == "{" })
            else {
                faults.append((line, "a {{ is never closed", "Add the closing braces."))
                return faults
            }
            var tag = String(rest[..<end.lowerBound]).trimmed
            let sign = tag.first.flatMap { "#^/>=<$%!&".contains($0) && !isTriple ? tag.removeFirst() : nil }
            tag = tag.trimmed
            switch sign {
            case "!": break
            case ">", "=", "<", "$", "%":
                faults.append((line, "{{\(sign.map(String.init) ?? "")…}} is not allowed in notices", "Use only fields and sections."))
            case "/":
                if open.last?.name == tag {
                    open.removeLast()
                } else {
                    faults.append(
                        (line, "{{/\(tag)}} closes no open section", "Close \(open.last.map { "{{#\($0.name)}}" } ?? "nothing") here."))
                }
            default:
                if !fields.contains(tag) {
                    let hint = Spelling.nearest(to: tag, among: fields).map { "Did you mean \"\($0)\"?" }
                    faults.append(
                        (line, "this notice has no field \"\(tag)\"", hint ?? "Use one of: \(fields.joined(separator: ", ")).")
                    )
                }
                if sign == "#" || sign == "^" { open.append((tag, line)) }
            }
            advance(end.upperBound)
        }
        for section in open {
            faults.append((section.line, "the section \"\(section.name)\" is never closed", "Add {{/\(section.name)}}."))
        }
        return faults
    }
}

extension String {
    fileprivate var trimmed: String {
        let spaces: (Character) -> Bool = { $0.isWhitespace }
        return String(drop(while: spaces).reversed().drop(while: spaces).reversed())
    }
}
