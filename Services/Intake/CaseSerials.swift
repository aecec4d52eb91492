import CaseFlow
import Postgres

/// Gives serial numbers for cases, 64 with each question to the database.
///
/// Numbers are never given twice, by any number of replicas; those that a process had in hand when it ended are left out.
public actor CaseSerials {
    private let client: PostgresClient
    private var next: Int64 = 0
    private var end: Int64 = 0
    private var refill: Task<Int64, any Error>?

    public init(client: PostgresClient) { self.client = client }

    public func take() async throws -> Int64 {
        while next >= end {
            let task = refill ?? Task { try await client.run("SELECT nextval('case_serials')").first?.value(0, as: Int64.self) ?? 0 }
            refill = task
            let result = await task.result
            if refill == task {
                refill = nil
                next = try result.get()
                end = next + 64
            } else {
                _ = try result.get()
            }
        }
        defer { next += 1 }
        return next
    }
}
