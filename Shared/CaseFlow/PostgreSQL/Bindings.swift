import Models
import Postgres

extension UniqueID: PostgresBindable, PostgresDecodable {
    public static var postgresType: PostgresType { .uuid }

    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(high)
        buffer.append(low)
    }

    public init?(postgres cell: PostgresCell) {
        guard cell.bytes.count == 16, let high = cell.integer(at: 0, as: UInt64.self), let low = cell.integer(at: 8, as: UInt64.self) else {
            return nil
        }
        self.init(high: high, low: low)
    }
}

extension Identifier {
    public static var postgresType: PostgresType { .uuid }

    public func encode(into buffer: inout PostgresBuffer) { raw.encode(into: &buffer) }

    public init?(postgres cell: PostgresCell) {
        guard let raw = UniqueID(postgres: cell) else { return nil }
        self.init(raw)
    }
}

extension Subject: PostgresBindable, PostgresDecodable {}
extension CaseID: PostgresBindable, PostgresDecodable {}
extension EventID: PostgresBindable, PostgresDecodable {}
extension NoticeID: PostgresBindable, PostgresDecodable {}

extension Instant: PostgresBindable, PostgresDecodable {
    public static var postgresType: PostgresType { .timestamp }

    /// PostgreSQL counts microseconds from 2000-01-01.
    private static var epoch: Int64 { 946_684_800_000_000 }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(microseconds - Self.epoch) }

    public init?(postgres cell: PostgresCell) {
        guard cell.bytes.count == 8, let value = cell.integer(as: Int64.self) else { return nil }
        self.init(microseconds: value + Self.epoch)
    }
}

extension ClaimKey: PostgresBindable, PostgresDecodable {
    public static var postgresType: PostgresType { .bytes }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(contentsOf: bytes) }

    public init?(postgres cell: PostgresCell) { self.init(digest: cell.bytes) }
}

/// Writes and reads the part of a state that is stored as JSON.
public enum StateCoding {
    /// The value as JSON.
    public static func encode(_ value: some Encodable) throws(StoreFailure) -> [UInt8] {
        do { return try JSONCoding.encode(value) } catch { throw unwritable }
    }

    /// The same bytes, written the fast way.
    public static func encode(_ value: some JSONWritable) throws(StoreFailure) -> [UInt8] {
        do { return try JSONCoding.encode(value) } catch { throw unwritable }
    }

    public static func decode<Value: Decodable>(_ bytes: [UInt8], as type: Value.Type = Value.self) throws(StoreFailure) -> Value {
        do { return try JSONCoding.decode(type, from: bytes) } catch { throw unreadable }
    }

    /// The same, read the fast way.
    public static func decode<Value: JSONReadable>(_ bytes: [UInt8], as type: Value.Type = Value.self) throws(StoreFailure) -> Value {
        do { return try JSONCoding.decode(type, from: bytes) } catch { throw unreadable }
    }

    private static var unwritable: StoreFailure { StoreFailure(isRetryable: false, reason: "a state cannot be written as JSON") }

    private static var unreadable: StoreFailure {
        StoreFailure(
            isRetryable: false, reason: "a stored state cannot be read by this version; update the service or migrate the database")
    }
}
