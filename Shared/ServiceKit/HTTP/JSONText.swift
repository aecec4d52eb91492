/// Writes small JSON documents as bytes, in the order given and without a model.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func beginObject() { open("{") }
    mutating func endObject() { close("}") }
    mutating func beginArray() { open("[") }
    mutating func endArray() { close("]") }

    /// The name of the next value.
    mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func string(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    mutating func member(_ name: String, _ number: Int) {
        key(name)
        bytes.append(contentsOf: "\(number)".utf8)
        needsComma = true
    }

    private mutating func open(_ bracket: Character) {
        separate()
        bytes.append(contentsOf: bracket.utf8)
        needsComma = false
    }

    private mutating func close(_ bracket: Character) {
        bytes.append(contentsOf: bracket.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        TextEscaping.append(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}
