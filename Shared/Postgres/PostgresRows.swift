/// The rows that a statement returned, read in place from libpq's result.
public struct PostgresRows: RandomAccessCollection, Sendable {
    let result: PostgresResult

    public var startIndex: Int { 0 }
    public var endIndex: Int { result.rows }
    public subscript(index: Int) -> PostgresRow {
        precondition(index >= 0 && index < result.rows, "row \(index) of \(result.rows) rows was asked for")
        return PostgresRow(result: result, index: index)
    }

    /// How many rows an INSERT, UPDATE or DELETE touched.
    public var affected: Int { result.affected }
}

/// One row; columns are read by their place, from 0.
public struct PostgresRow: Sendable {
    let result: PostgresResult
    let index: Int

    /// Reads a column that must not be NULL.
    public func value<T: PostgresDecodable>(_ column: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard let value = try optional(column, as: type) else {
            throw PostgresError(.value, message: "column \(result.name(of: column)) is NULL where a value is expected")
        }
        return value
    }

    /// Reads a column that may be NULL.
    public func optional<T: PostgresDecodable>(_ column: Int, as type: T.Type = T.self) throws(PostgresError) -> T? {
        guard column >= 0, column < result.columns else {
            throw PostgresError(.value, message: "column \(column) was asked for of a row that has \(result.columns)")
        }
        guard let cell = result.cell(index, column) else { return nil }
        // The cell points into the result, which must live until it has been read.
        defer { withExtendedLifetime(result) {} }
        guard let value = T(postgres: cell) else {
            throw PostgresError(.value, message: "column \(result.name(of: column)) does not hold a \(T.self)")
        }
        return value
    }
}

/// A value that can be read from a column in binary format.
public protocol PostgresDecodable {
    /// Nil when the cell holds something else.
    init?(postgres cell: PostgresCell)
}

/// The bytes of one value; valid only while it is being decoded.
public struct PostgresCell {
    public let bytes: UnsafeRawBufferPointer
    /// The type's number in `pg_type`.
    public let type: UInt32

    /// The bytes as an integer, most significant byte first; nil unless there are just as many as it has.
    public func integer<I: FixedWidthInteger>(at offset: Int = 0, as type: I.Type = I.self) -> I? {
        guard bytes.count >= offset + MemoryLayout<I>.size else { return nil }
        return I(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: I.self))
    }
}

extension Bool: PostgresDecodable {
    public init?(postgres cell: PostgresCell) {
        guard cell.type == PostgresType.boolean.oid, cell.bytes.count == 1 else { return nil }
        self = cell.bytes[0] != 0
    }
}

extension Int64: PostgresDecodable {
    public init?(postgres cell: PostgresCell) {
        switch cell.type {
        case PostgresType.int8.oid: self = cell.integer(as: Int64.self) ?? 0
        case PostgresType.int4.oid: self = Int64(cell.integer(as: Int32.self) ?? 0)
        case PostgresType.int2: self = Int64(cell.integer(as: Int16.self) ?? 0)
        default: return nil
        }
    }
}

extension Int: PostgresDecodable {
    public init?(postgres cell: PostgresCell) {
        guard let value = Int64(postgres: cell) else { return nil }
        self = Int(value)
    }
}

extension Int32: PostgresDecodable {
    public init?(postgres cell: PostgresCell) {
        guard let wide = Int64(postgres: cell), let value = Int32(exactly: wide) else { return nil }
        self = value
    }
}

extension Double: PostgresDecodable {
    public init?(postgres cell: PostgresCell) {
        guard cell.type == PostgresType.double.oid, let bits = cell.integer(as: UInt64.self) else { return nil }
        self = Double(bitPattern: bits)
    }
}

extension String: PostgresDecodable {
    /// Reads text, and what PostgreSQL sends as text: names, JSON, enumerations.
    public init?(postgres cell: PostgresCell) {
        guard PostgresType.isText(cell.type) else { return nil }
        self = String(decoding: cell.bytes, as: UTF8.self)
    }
}

extension [UInt8]: PostgresDecodable {
    public init?(postgres cell: PostgresCell) { self = Array(cell.bytes) }
}

extension PostgresJSON: PostgresDecodable {
    public init?(postgres cell: PostgresCell) {
        // The binary format of jsonb is a version byte, 1, and the text.
        guard cell.type == PostgresType.jsonb.oid, cell.bytes.first == 1 else { return nil }
        self.init(Array(cell.bytes.dropFirst()))
    }
}
