import CLibPQ

/// Owns a `PGresult` in binary format until nobody reads it any more (`PQclear`).
final class PostgresResult: @unchecked Sendable {
    // @unchecked Sendable: libpq never changes a result after `PQgetResult` has given it away, and neither does this class;
    // it is freed once, by `deinit`, when no reader is left.
    private let pointer: OpaquePointer
    let rows: Int
    let affected: Int

    /// Takes ownership of `pointer`.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        rows = Int(PQntuples(pointer))
        affected = PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0
    }

    deinit { PQclear(pointer) }

    var columns: Int { Int(PQnfields(pointer)) }

    /// The cell at these places, which must exist; nil for NULL.
    func cell(_ row: Int, _ column: Int) -> PostgresCell? {
        guard PQgetisnull(pointer, Int32(row), Int32(column)) == 0,
            let bytes = PQgetvalue(pointer, Int32(row), Int32(column))
        else { return nil }
        let length = Int(PQgetlength(pointer, Int32(row), Int32(column)))
        return PostgresCell(bytes: UnsafeRawBufferPointer(start: bytes, count: length), type: type(of: column))
    }

    func name(of column: Int) -> String { PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? "\(column)" }

    func type(of column: Int) -> UInt32 { PQftype(pointer, Int32(column)) }

    /// What the server said in an error result; never its DETAIL, which quotes values, nor the message of a data error, which does too.
    static func error(_ pointer: OpaquePointer) -> PostgresError {
        func field(_ code: Int32) -> String? { PQresultErrorField(pointer, code).map { String(cString: $0) } }
        guard let state = field(huiyin_diag_sqlstate) else {
            return PostgresError(.connectionLost, message: "the connection to PostgreSQL broke")
        }
        if state == "26000" || state == "0A000" && field(sourceFunction) == "RevalidateCachedQuery" {
            // The schema changed under a prepared statement. A new connection prepares it anew.
            return PostgresError(.connectionLost, sqlState: state, message: "a prepared statement no longer fits the schema")
        }
        let message = state.hasPrefix("22") ? nil : field(huiyin_diag_message)
        return PostgresError(
            .server, sqlState: state, constraint: field(huiyin_diag_constraint),
            message: message ?? "PostgreSQL could not use a value of a statement")
    }

    /// `PG_DIAG_SOURCE_FUNCTION`, a character literal that Swift does not import.
    private static let sourceFunction = Int32(UInt8(ascii: "R"))
}
