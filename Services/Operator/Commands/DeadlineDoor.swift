/// Where deadline listens.
enum DeadlineDoor {
    static func address() throws -> String {
        do throws(UpFailure) { return try HouseAddresses.service("deadline", environment: Environment.current) } catch {
            throw CommandFailure("\(error)")
        }
    }

    static func silence(_ door: IntakeClient) -> CommandFailure {
        CommandFailure("Deadline at \(door.address) gave no answer: look at `./huiyin status`.")
    }
}
