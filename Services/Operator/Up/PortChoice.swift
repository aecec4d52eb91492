import PrivateServers

/// Chooses the ports of the house once, and anew where another program has taken one since.
enum PortChoice {
    /// The names that need a port.
    static func names(ownServers: Bool) -> [String] {
        (ownServers ? ["postgresql", "rabbitmq", "rabbitmq-distribution", "rabbitmq-management"] : []) + HouseSettings.services
    }

    /// The ports to use from now on, and the names whose port had to change.
    static func choose(
        known: [String: UInt16], ownServers: Bool, isFree: (UInt16) -> Bool = LoopbackPort.isFree
    ) throws(UpFailure) -> (ports: [String: UInt16], moved: [String]) {
        var ports: [String: UInt16] = [:]
        var moved: [String] = []
        for name in names(ownServers: ownServers) {
            if let port = known[name], isFree(port), !ports.values.contains(port) {
                ports[name] = port
            } else {
                do throws(LaunchError) { ports[name] = try LoopbackPort.choose(besides: Set(ports.values).union(known.values)) } catch {
                    throw UpFailure("For \(name) \(error), then run `./huiyin up` again.")
                }
                if known[name] != nil { moved.append(name) }
            }
        }
        return (ports, moved)
    }
}
