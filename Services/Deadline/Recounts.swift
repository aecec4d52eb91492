import CaseFlow
import Logging
import Models
import Postgres
import ServiceKit

/// Counts the dates of running clocks anew, in the background, when a county version with another calendar comes into force.
///
/// It goes through the cases in pages and remembers how far it came, so that a killed process only delays it: another goes on there, and
/// a page that is worked on twice changes nothing the second time.
public struct Recounts: Sendable {
    private let worker: CaseWorker<DeadlineProcess, PostgresStore<DeadlineTables>>
    private let client: PostgresClient
    private let logger: Logger
    private let holder: String
    private static let page = 256

    public init(worker: CaseWorker<DeadlineProcess, PostgresStore<DeadlineTables>>, holder: String, logger: Logger) {
        self.worker = worker
        client = worker.store.client
        self.holder = holder
        self.logger = logger
    }

    /// Looks every two seconds for a version that has not been counted by, until the task is cancelled.
    public func run() async {
        var pause = Pause()
        while !Task.isCancelled {
            do {
                let isBusy = try await once()
                pause.reset()
                if !isBusy { try await Task.sleep(for: .seconds(2)) }
            } catch {
                if Task.isCancelled { return }
                logger.debug("clocks cannot be counted anew now", metadata: ["reason": "\(error)"])
                await pause.wait()
            }
        }
    }

    /// A county definition that came into force.
    private struct Publication {
        var sequence: Int64
        var version: String
    }

    /// Works on one page; says whether there may be another.
    public func once() async throws -> Bool {
        let newest = try await client.run("SELECT sequence, version FROM counties ORDER BY sequence DESC LIMIT 2").map { row in
            Publication(sequence: try row.value(0), version: try row.value(1))
        }
        guard let county = newest.first else { return false }
        guard let row = try await client.run("SELECT done FROM recounts WHERE sequence = \(county.sequence)").first else {
            try await begin(county, after: newest.dropFirst().first)
            return true
        }
        if try row.value(0) { return false }
        let claimed = try await client.run(
            """
            UPDATE recounts SET holder = \(holder), seen_at = now()
            WHERE sequence = \(county.sequence) AND NOT done
                AND (holder IS NULL OR holder = \(holder) OR seen_at < now() - interval '10 seconds')
            RETURNING position
            """)
        guard let position: Subject = try claimed.first?.value(0) else { return false }
        return try await work(on: county, after: position)
    }

    /// Puts down what there is to do: nothing where the same days are worked as before.
    private func begin(_ county: Publication, after former: Publication?) async throws {
        let counties = try await worker.store.book(with: Set([county, former].compactMap { $0?.version }))
        var isSame = former == nil
        if let former, let old = counties[former.version]?.index.definition, let new = counties[county.version]?.index.definition {
            // What was never looked at, or is not finished, is left to this one.
            let isSettled = try await client.run("SELECT FROM recounts WHERE sequence = \(former.sequence) AND done").first != nil
            isSame = isSettled && old.hasCalendar(of: new)
        }
        try await client.run(
            """
            INSERT INTO recounts (sequence, version, total, done)
            SELECT \(county.sequence), \(county.version),
                CASE WHEN \(isSame) THEN 0 ELSE (SELECT count(*) FROM cases WHERE last_due > now()) END, \(isSame)
            ON CONFLICT DO NOTHING
            """)
    }

    private func work(on county: Publication, after position: Subject) async throws -> Bool {
        let subjects: [Subject] = try await client.run(
            "SELECT subject FROM cases WHERE subject > \(position) AND last_due > now() ORDER BY subject LIMIT \(Self.page)"
        ).map { try $0.value(0) }
        var changed = 0
        for result in try await worker.perform(subjects.map { Request(subject: $0, command: .recount) }) {
            switch result {
            case .success(.done(let answer)): changed += Int(String(decoding: answer, as: UTF8.self)) ?? 0
            case .success: break
            case .failure(let failure): throw failure
            }
        }
        let isLast = subjects.count < Self.page
        try await client.run(
            """
            UPDATE recounts SET looked = looked + \(subjects.count), changed = changed + \(changed), done = \(isLast), seen_at = now(),
                position = \(subjects.last ?? position)
            WHERE sequence = \(county.sequence) AND holder = \(holder)
            """)
        if isLast { logger.notice("clocks were counted anew by another calendar", metadata: ["county": "\(county.version)"]) }
        return !isLast
    }
}

extension CountyDefinition {
    /// Whether the same days and hours are worked as by another definition, and the same years are published.
    func hasCalendar(of other: CountyDefinition) -> Bool {
        years == other.years && overlays == other.overlays && workingHours == other.workingHours && offsets == other.offsets
    }
}
