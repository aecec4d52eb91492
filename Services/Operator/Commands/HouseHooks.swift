import AMQP
import CaseFlow
import Models
import Postgres

/// Gives `up` and `status` what they need of the rest of the tool.
public enum HouseHooks {
    public static let hooks = UpHooks(
        migrate: { url, passwords, report in try await Schemas.migrate(adminURL: url, passwords: passwords, report: report) },
        countyInForce: { house in
            try await CountyCommand.inForce(address: house.services["intake"] ?? "", token: house.operatorToken)
        },
        countyVersion: { directory in try CountyCommand.compile(directory).version() },
        applyCounty: { house, directory in
            try await CountyCommand.apply(directory, address: house.services["intake"] ?? "", token: house.operatorToken)
        },
        statusRows: { house in try await statusRows(house) })

    /// Counts what each service has in hand, from its schema and its queue.
    static func statusRows(_ house: HouseAddresses) async throws -> [String: StatusRow] {
        let queues = Source.allCases.map { HouseTopology.queue(of: $0) }
        let inspection = AMQPInspection(try AMQPConfiguration(url: house.brokerURL, connectionName: "huiyin status"))
        // A broker that does not answer leaves the depths unknown; the other counts stand in the database.
        let depths = (try? await inspection.depths(of: queues)) ?? [:]
        await inspection.close()
        let client = PostgresClient(PostgresConfiguration(url: house.databaseURL, applicationName: "huiyin status", maximumConnections: 1))
        var rows: [String: StatusRow] = [:]
        do {
            for source in Source.allCases {
                let schema = source.rawValue
                let row = try await client.run(
                    """
                    SELECT (SELECT count(*) FROM \(identifier: schema).outbox), (SELECT count(*) FROM \(identifier: schema).held),
                        (SELECT count(*) FROM \(identifier: schema).dead_letters)
                    """
                ).first
                guard let row else { continue }
                rows[schema] = StatusRow(
                    queued: depths[HouseTopology.queue(of: source)], outbox: try row.value(0), held: try row.value(1),
                    deadLetters: try row.value(2))
            }
            rows[Source.notification.rawValue]?.failedNotices =
                try await client.run("SELECT count(*) FROM notification.notices WHERE phase = 'failed'").first?.value(0) ?? 0
            await client.close()
        } catch {
            await client.close()
            throw error
        }
        return rows
    }
}
