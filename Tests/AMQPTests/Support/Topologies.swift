@testable import AMQP

/// Declares a topology over a connection of its own, as every client does when it connects.
enum Topologies {
    static func declare(_ topology: AMQPTopology, on configuration: AMQPConfiguration) throws(AMQPError) {
        let link = try Link(configuration)
        try link.declare(topology)
        link.close()
    }
}
