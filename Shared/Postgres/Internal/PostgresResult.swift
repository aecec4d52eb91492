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

    func cell(_ row: Int, _ column: Int) -> PostgresCell? {
        guard column < PQnfields(pointer), PQgetisnull(pointer, Int32(row), Int32(column)) == 0,
            let bytes = PQgetvalue(pointer, Int32(row), Int32(column))
        else { return nil }
        return PostgresCell(bytes: UnsafeRawBufferPointer(start: bytes, count: Int(PQgetlength(pointer, Int32(row), Int32(column)))))
    }

    func name(of column: Int) -> String { PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? "\(column)" }

    /// What the server said in an error result; never its DETAIL, which quotes values.
    static func error(_ pointer: OpaquePointer) -> PostgresError {
        func field(_ code: Int32) -> String? { PQresultErrorField(pointer, code).map { String(cString: $0) } }
        let state = field(huiyin_diag_sqlstate)
        guard let state else { return PostgresError(.connectionLost, message: "the connection to PostgreSQL broke") }
        return PostgresError(
            .server, sqlState: state, constraint: field(huiyin_diag_constraint),
            message: field(huiyin_diag_message) ?? "PostgreSQL refused a statement")
    }
}
