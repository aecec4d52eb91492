/// A value that is written right into the text, without the containers of `Encodable`, which take several times as long.
///
/// For what is written by the thousand: the states of cases, what stands in them, and the facts of events. Both ways write the same
/// bytes, on which hashes and signatures rest.
public protocol JSONWritable: Encodable {
    func write(json text: inout JSONText)
}

/// An object that asks for its members by name, and lists them.
///
/// `Codable` besides, for readers and writers other than `JSONCoding`, and for values that are merely `Codable` in which it stands.
///
/// ```
/// extension Objection: JSONRecord {
///     public init(members: inout JSONMembers) throws {
///         unit = try members.read("unit")
///         proposed = try members.readIfPresent("proposed")
///     }
///
///     public func write(members: inout JSONText) {
///         members.write("unit", unit)
///         members.writeIfPresent("proposed", proposed)
///     }
/// }
/// ```
public protocol JSONRecord: JSONReadable, JSONWritable {
    /// Reads every member, best in the order of their declaration.
    init(members: inout JSONMembers) throws

    /// Writes every member in the order of their declaration.
    func write(members: inout JSONText)
}

extension JSONRecord {
    @inlinable
    public init(json place: JSONPlace) throws {
        var members = try JSONMembers(place)
        try self.init(members: &members)
    }

    @inlinable
    public func write(json text: inout JSONText) {
        text.openObject()
        write(members: &text)
        text.closeObject()
    }
}

extension String: JSONWritable {
    public func write(json text: inout JSONText) { text.write(self) }
}

extension Bool: JSONWritable {
    public func write(json text: inout JSONText) { text.write(self) }
}

extension Int: JSONWritable {
    public func write(json text: inout JSONText) { text.write(Int64(self)) }
}

extension Int64: JSONWritable {
    public func write(json text: inout JSONText) { text.write(self) }
}

extension Array: JSONWritable where Element: JSONWritable {
    @inlinable
    public func write(json text: inout JSONText) {
        text.openArray()
        for element in self {
            text.element()
            element.write(json: &text)
        }
        text.closeArray()
    }
}

extension [String: String]: JSONWritable {
    /// In the order in which the dictionary has them, as its own way of encoding itself does.
    public func write(json text: inout JSONText) {
        text.openObject()
        for (name, value) in self {
            text.key(any: name)
            text.write(value)
        }
        text.closeObject()
    }
}

extension JSONWritable where Self: RawRepresentable, RawValue == String {
    @inlinable
    public func write(json text: inout JSONText) { text.write(rawValue) }
}
