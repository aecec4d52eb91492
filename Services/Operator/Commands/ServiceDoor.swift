import Models
import NIOHTTP1

/// Where a service of the house listens, and what it says.
enum ServiceDoor {
    static func address(_ service: String) throws -> String {
        do throws(UpFailure) { return try HouseAddresses.service(service, environment: Environment.current) } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// What is said of a service that does not answer.
    static func silence(_ service: String, at address: String) -> CommandFailure {
        let name = service.prefix(1).uppercased() + service.dropFirst()
        return CommandFailure("\(name) at \(address) gave no answer: look at `./huiyin status`.")
    }

    /// What a service answers to the operator; throws the sentence of a refusal.
    static func get(_ path: String, of service: String) async throws -> JSONValue {
        let address = try address(service)
        return try await IntakeClient.with(address: address, token: try Environment.intake().token) { door in
            let reply: IntakeClient.Reply
            do { reply = try await door.ask(.GET, path) } catch { throw silence(service, at: address) }
            guard reply.status == 200, let json = reply.json else { throw CommandFailure(reply.problem) }
            return json
        }
    }
}
