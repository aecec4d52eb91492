/// A value that can be a parameter of a statement, alone or as the element of an array.
public protocol PostgresBindable {
    static var postgresType: PostgresType { get }
    /// Appends the value in the binary format of its type.
    func encode(into buffer: inout PostgresBuffer)
}

/// A type by the numbers it has in every PostgreSQL (`pg_type.oid`).
public struct PostgresType: Sendable, Hashable {
    public let oid: UInt32
    /// The type of one-dimensional arrays of it.
    public let array: UInt32

    public init(oid: UInt32, array: UInt32) {
        self.oid = oid
        self.array = array
    }

    public static let boolean = PostgresType(oid: 16, array: 1000)
    public static let bytes = PostgresType(oid: 17, array: 1001)
    public static let int8 = PostgresType(oid: 20, array: 1016)
    public static let int4 = PostgresType(oid: 23, array: 1007)
    public static let text = PostgresType(oid: 25, array: 1009)
    public static let double = PostgresType(oid: 701, array: 1022)
    public static let timestamp = PostgresType(oid: 1184, array: 1185)
    public static let uuid = PostgresType(oid: 2950, array: 2951)
    public static let jsonb = PostgresType(oid: 3802, array: 3807)
    public static let transaction = PostgresType(oid: 28, array: 1011)

    /// `smallint`, which is read but never sent.
    static let int2: UInt32 = 21

    /// Whether the binary format of a type is text in UTF-8; types of the database's own, such as enumerations, count as such.
    static func isText(_ oid: UInt32) -> Bool {
        // "char", name, text, json, unknown, bpchar, varchar; the numbers of built-in types end at 16383.
        [18, 19, 25, 114, 705, 1042, 1043].contains(oid) || oid >= 16384
    }
}

/// The bytes of a statement's parameters, all in one buffer.
public struct PostgresBuffer: Sendable {
    var bytes: [UInt8] = []
    /// Set when a text holds a NUL character, which PostgreSQL cannot store.
    var holdsNUL = false

    /// Appends an integer, most significant byte first.
    public mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    public mutating func append(contentsOf more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Appends text in UTF-8.
    public mutating func append(text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        if bytes[start...].contains(0) { holdsNUL = true }
    }

    mutating func replaceLength(at offset: Int) {
        let length = Int32(bytes.count - offset - 4)
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
    }
}

extension Bool: PostgresBindable {
    public static var postgresType: PostgresType { .boolean }
    public func encode(into buffer: inout PostgresBuffer) { buffer.append(UInt8(self ? 1 : 0)) }
}

extension Int32: PostgresBindable {
    public static var postgresType: PostgresType { .int4 }
    public func encode(into buffer: inout PostgresBuffer) { buffer.append(self) }
}

extension Int64: PostgresBindable {
    public static var postgresType: PostgresType { .int8 }
    public func encode(into buffer: inout PostgresBuffer) { buffer.append(self) }
}

extension Int: PostgresBindable {
    public static var postgresType: PostgresType { .int8 }
    public func encode(into buffer: inout PostgresBuffer) { buffer.append(Int64(self)) }
}

extension Double: PostgresBindable {
    public static var postgresType: PostgresType { .double }
    public func encode(into buffer: inout PostgresBuffer) { buffer.append(bitPattern) }
}

extension String: PostgresBindable {
    public static var postgresType: PostgresType { .text }
    public func encode(into buffer: inout PostgresBuffer) { buffer.append(text: self) }
}

extension [UInt8]: PostgresBindable {
    public static var postgresType: PostgresType { .bytes }
    public func encode(into buffer: inout PostgresBuffer) { buffer.append(contentsOf: self) }
}

/// The number of a transaction (`xid`); as a row's `xmin`, the number of the one that wrote the row as it is, and with that its version.
public struct PostgresTransactionID: PostgresBindable, PostgresDecodable, Sendable, Hashable {
    public let number: UInt32

    public init(_ number: UInt32) { self.number = number }

    public static var postgresType: PostgresType { .transaction }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(number) }

    public init?(postgres cell: PostgresCell) {
        guard cell.type == PostgresType.transaction.oid, let number = cell.integer(as: UInt32.self) else { return nil }
        self.number = number
    }
}

/// JSON text as a `jsonb` value.
public struct PostgresJSON: PostgresBindable, Sendable, Hashable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public static var postgresType: PostgresType { .jsonb }

    public func encode(into buffer: inout PostgresBuffer) {
        // The binary format of jsonb is a version byte, 1, and the text.
        buffer.append(UInt8(1))
        buffer.append(contentsOf: bytes)
    }
}
