/// A JSON text while it is written, from its first byte on.
///
/// Members and elements get their commas by themselves: whatever value was written before ends with another byte than an opening
/// bracket. Nothing that is written here can be what JSON cannot say.
public struct JSONText: ~Copyable {
    private(set) var bytes: [UInt8] = []

    init() {}

    /// One value as JSON.
    static func write(_ value: some JSONWritable) -> [UInt8] {
        var text = JSONText()
        text.bytes.reserveCapacity(512)
        value.write(json: &text)
        return text.bytes
    }

    /// Lets `body` write behind `bytes` what cannot fail.
    static func append(to bytes: inout [UInt8], _ body: (inout JSONText) -> Void) {
        var text = JSONText()
        swap(&text.bytes, &bytes)
        body(&text)
        swap(&text.bytes, &bytes)
    }

    // Single values.

    public mutating func write(_ text: String) { JSONValue.write(text, into: &bytes) }

    public mutating func write(_ number: Int64) { bytes.append(decimal: number) }

    public mutating func write(_ flag: Bool) { bytes.append(contentsOf: (flag ? "true" : "false").utf8) }

    mutating func write(_ instant: Instant) { bytes.append(quotedCount: Instant.length, instant.spell) }

    mutating func write(_ id: UniqueID) { bytes.append(quotedCount: UniqueID.length, id.spell) }

    mutating func write(_ date: LocalDate) {
        if date.hasUsualYear { bytes.append(quotedCount: LocalDate.length, date.spell) } else { write(date.description) }
    }

    /// Puts in a value that is JSON already.
    mutating func write(raw value: [UInt8]) { bytes.append(contentsOf: value) }

    // Objects and arrays. They are called from generic code of other modules, which is made for each type there and not here.

    @usableFromInline mutating func openObject() { bytes.append(UInt8(ascii: "{")) }
    @usableFromInline mutating func closeObject() { bytes.append(UInt8(ascii: "}")) }
    @usableFromInline mutating func openArray() { bytes.append(UInt8(ascii: "[")) }
    @usableFromInline mutating func closeArray() { bytes.append(UInt8(ascii: "]")) }

    /// Begins an element of an array.
    @usableFromInline mutating func element() {
        if bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
    }

    /// Begins a member of an object; its name must need no escapes.
    @usableFromInline mutating func key(_ name: StaticString) {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        let comma = bytes.last == UInt8(ascii: "{") ? 0 : 1
        bytes.append(count: comma + name.count + 3) { buffer in
            if comma == 1 { buffer[0] = UInt8(ascii: ",") }
            buffer[comma] = UInt8(ascii: "\"")
            buffer.set(name, at: comma + 1)
            buffer[comma + name.count + 1] = UInt8(ascii: "\"")
            buffer[comma + name.count + 2] = UInt8(ascii: ":")
        }
    }

    /// Begins a member whose name may be anything.
    @usableFromInline mutating func key(any name: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        write(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a member; its name is plain ASCII without quotes and backslashes.
    @inlinable
    public mutating func write(_ name: StaticString, _ value: some JSONWritable) {
        key(name)
        value.write(json: &self)
    }

    /// Writes a member unless it is nil.
    @inlinable
    public mutating func writeIfPresent<Value: JSONWritable>(_ name: StaticString, _ value: Value?) {
        guard let value else { return }
        key(name)
        value.write(json: &self)
    }
}
