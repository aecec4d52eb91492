import Models

/// Lets requests through to addresses that were resolved and checked, and to no others.
///
/// A name is resolved here and the connection is made to the very address that was checked, so an answer of DNS that changes afterwards
/// changes nothing. What is on its way over an open connection goes on; each new look is made after half a minute.
actor WebhookGate {
    private let watch: AddressGuard
    private let resolver: any TargetResolver
    private let connector: any WebhookConnector
    private var known: [String: (address: NetworkAddress, until: ContinuousClock.Instant)] = [:]
    private var last: [String: NetworkAddress] = [:]
    private static let memory = Duration.seconds(30)

    init(guard watch: AddressGuard, resolver: any TargetResolver, connector: any WebhookConnector) {
        self.watch = watch
        self.resolver = resolver
        self.connector = connector
    }

    /// The address to connect to; throws a sentence when there is none that may be.
    func address(of target: WebhookTarget) async throws(TargetRefusal) -> NetworkAddress {
        let key = "\(target.host) \(target.isEncrypted)"
        if let found = known[key], found.until > .now { return found.address }
        known[key] = nil
        let addresses: [NetworkAddress]
        if let literal = NetworkAddress(target.host) {
            addresses = [literal]
        } else {
            do { addresses = try await resolver.addresses(of: target.host) } catch {
                throw error as? TargetRefusal ?? TargetRefusal("the host \(target.host) cannot be looked up now")
            }
        }
        // One that may not be reached among others is reason enough to send nothing: the next look could give that one alone.
        for address in addresses {
            if let objection = watch.objection(to: address) {
                throw TargetRefusal(
                    "nothing is sent to \(target.host), because \(address) \(objection): name a host of the public Internet, or let the operator allow the address with HUIYIN_WEBHOOK_ALLOWED"
                )
            }
            if !target.isEncrypted, !watch.isAllowed(address) {
                throw TargetRefusal(
                    "nothing is sent to \(target.host) without encryption: use https, or let the operator allow the address with HUIYIN_WEBHOOK_ALLOWED"
                )
            }
        }
        // The one that connections are open to, as long as it is among them.
        let kept = last[target.host].flatMap { addresses.contains($0) ? $0 : nil }
        guard let address = kept ?? addresses.first else { throw TargetRefusal("the host \(target.host) has no address") }
        known[key] = (address, .now + Self.memory)
        last[target.host] = address
        return address
    }

    /// Sends a request to its target, if it may be reached.
    nonisolated func send(_ request: WebhookRequest, within limit: Duration) async throws -> WebhookReply {
        try await connector.send(request, to: try await address(of: request.target), within: limit)
    }
}
