/// A value that is read right from the text, without the containers of `Decodable`, which take several times as long.
///
/// For what is read by the thousand: the states of cases and what stands in them. Both ways read the same and refuse the same.
public protocol JSONReadable: Decodable {
    init(json place: JSONPlace) throws
}

/// An object that asks for its members by name.
///
/// `JSONCoding` alone reads it, also where it stands in a value that is merely `Decodable`.
///
/// ```
/// extension Objection: JSONObject {
///     public init(members: inout JSONMembers) throws {
///         unit = try members.read("unit")
///         proposed = try members.read("proposed")
///     }
/// }
/// ```
public protocol JSONObject: JSONReadable {
    /// Reads every member, best in the order of their declaration.
    init(members: inout JSONMembers) throws
}

extension JSONObject {
    public init(json place: JSONPlace) throws {
        var members = try JSONMembers(place)
        try self.init(members: &members)
    }

    public init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? JSONValueDecoder else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "is read by JSONCoding alone"))
        }
        try self.init(json: decoder.place)
    }
}

/// The members of one object.
///
/// Asked for in the order in which they stand they are found at once; in any other order it takes a look at all. Others are passed over.
/// Of a member that stands twice, which no writer of ours does, either may count.
public struct JSONMembers {
    private let object: JSONPlace
    /// Where the object ends.
    private let end: Int
    /// The key behind the member that was found last.
    private var key: Int

    @usableFromInline init(_ object: JSONPlace) throws {
        try object.requireObject()
        self.object = object
        end = object.tape.next(object.node)
        key = object.node + 1
    }

    // These two are called by the thousand in other modules, and are made for each type there.

    @inlinable
    public mutating func read<Value: JSONReadable>(_ name: StaticString) throws -> Value { try Value(json: require(name)) }

    /// Nil when the member is missing or null.
    @inlinable
    public mutating func readIfPresent<Value: JSONReadable>(_ name: StaticString) throws -> Value? {
        guard let found = find(name), !found.isNull else { return nil }
        return try Value(json: found)
    }

    /// The only member that has one of `names`, and which of them it has; nil when there is none or more than one.
    func only(of names: [StaticString]) -> (name: Int, value: JSONPlace)? {
        var (found, place): ((Int, JSONPlace)?, Int) = (nil, object.node + 1)
        while place < end {
            let known = names.firstIndex { name in
                object.tape.matches(place, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            }
            if let known {
                if found != nil { return nil }
                found = (known, JSONPlace(tape: object.tape, node: place + 1))
            }
            place = object.tape.next(place + 1)
        }
        return found
    }

    @usableFromInline mutating func require(_ name: StaticString) throws -> JSONPlace {
        if let found = find(name) { return found }
        throw DecodingError.keyNotFound(
            JSONKey(stringValue: name.description),
            .init(codingPath: object.tape.path(to: object.node), debugDescription: "is missing"))
    }

    @usableFromInline mutating func find(_ name: StaticString) -> JSONPlace? {
        let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        if key < end, object.tape.matches(key, wanted) { return take(key) }
        return object.tape.member(wanted, of: object.node).map { take($0 - 1) }
    }

    private mutating func take(_ found: Int) -> JSONPlace {
        key = object.tape.next(found + 1)
        return JSONPlace(tape: object.tape, node: found + 1)
    }
}

extension String: JSONReadable {
    public init(json place: JSONPlace) throws { self = try place.string() }
}

extension Bool: JSONReadable {
    public init(json place: JSONPlace) throws { self = try place.bool() }
}

extension Int: JSONReadable {
    public init(json place: JSONPlace) throws { self = try place.integer() }
}

extension Int64: JSONReadable {
    public init(json place: JSONPlace) throws { self = try place.integer() }
}

extension Array: JSONReadable where Element: JSONReadable {
    @inlinable
    public init(json place: JSONPlace) throws {
        var elements = try place.elements()
        self = []
        while let element = elements.take() { append(try Element(json: element)) }
    }
}

extension [String: String]: JSONReadable {
    /// Of a name that stands twice the first counts, as it does for the dictionary's own way.
    public init(json place: JSONPlace) throws {
        try place.requireObject()
        self = [:]
        let end = place.tape.next(place.node)
        var key = place.node + 1
        while key < end {
            let name = place.tape.string(key)
            self[name] = try JSONPlace(tape: place.tape, node: place.tape.member(name, of: place.node) ?? key + 1).string()
            key = place.tape.next(key + 1)
        }
    }
}

extension JSONReadable where Self: RawRepresentable, RawValue == String {
    public init(json place: JSONPlace) throws {
        guard let value = Self(rawValue: try place.string()) else { throw place.corrupted("is none of the known words") }
        self = value
    }
}
