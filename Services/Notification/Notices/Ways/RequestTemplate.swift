import Models

/// A text with gaps such as `{{phone}}`, which are filled so that a value never becomes more than a value.
struct RequestTemplate: Sendable, Hashable {
    /// How values are written where they go.
    enum Escaping: Sendable, Hashable {
        /// Percent-encoded (RFC 3986): a part of an address or of a form.
        case url
        /// The inside of a JSON string.
        case json
        /// A header's value: without what could end a line.
        case header
        /// As they are: plain text.
        case none

        func apply(to value: String) -> String {
            switch self {
            case .url:
                return value.utf8.reduce(into: "") { text, byte in
                    let scalar = Unicode.Scalar(byte)
                    if scalar.properties.isAlphabetic && byte < 0x80 || (48...57).contains(byte) || "-._~".utf8.contains(byte) {
                        text.unicodeScalars.append(scalar)
                    } else {
                        text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                    }
                }
            case .json: return String(JSONValue.string(value).text.dropFirst().dropLast())
            case .header: return String(String.UnicodeScalarView(value.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
            case .none: return value
            }
        }
    }

    private enum Piece: Sendable, Hashable {
        case text(String)
        case gap(String)
    }

    private let pieces: [Piece]
    private let escaping: Escaping

    /// Reads a template; throws the reason, in words that complete a sentence, when it names a gap that is not among `fields`.
    init(_ text: String, fields: [String], escaping: Escaping) throws(WayFault.Reason) {
        var (pieces, rest): ([Piece], Substring) = ([], text[...])
        while let begin = rest.firstRange(of: "{{") {
            pieces.append(.text(String(rest[..<begin.lowerBound])))
            rest = rest[begin.upperBound...]
            guard let end = rest.firstRange(of: "}}") else {
                throw WayFault.Reason(reason: "a {{ is never closed", remedy: "Add the closing braces.")
            }
            let name = rest[..<end.lowerBound].filter { $0 != " " }
            guard fields.contains(name) else {
                throw WayFault.Reason(
                    reason: "there is nothing called \"\(name)\" to put in", remedy: "Use one of: \(fields.joined(separator: ", ")).")
            }
            pieces.append(.gap(name))
            rest = rest[end.upperBound...]
        }
        self.pieces = pieces + [.text(String(rest))]
        self.escaping = escaping
    }

    /// The text with its gaps filled; what has no value is left empty.
    func filled(with values: [String: String]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .gap(let name): escaping.apply(to: values[name] ?? "")
            }
        }.joined()
    }
}
