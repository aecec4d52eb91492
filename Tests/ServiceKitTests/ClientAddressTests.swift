import Hummingbird
import NIOCore
import Testing

@testable import ServiceKit

@Suite("The address of a client")
struct ClientAddressTests {
    private static func routes(_ router: ServiceRouter) {
        router.get("who") { _, context in "\(context.client?.isShared ?? false)" }
    }

    private func address(_ text: String, port: Int = 1) throws -> ClientAddress {
        try #require(ClientAddress(SocketAddress(ipAddress: text, port: port)))
    }

    @Test("is the same from every port, and for one IPv6 network")
    func sameClient() throws {
        #expect(try address("198.51.100.7") == address("198.51.100.7", port: 2))
        #expect(try address("198.51.100.7") != address("198.51.100.8"))
        #expect(try address("::ffff:198.51.100.7") == address("198.51.100.7"))
        #expect(try address("2001:db8:1:2::1") == address("2001:db8:1:2:ffff::9"))
        #expect(try address("2001:db8:1:2::1") != address("2001:db8:1:3::1"))
        #expect(try ClientAddress(SocketAddress(unixDomainSocketPath: "/s")) == nil)
    }

    @Test(
        "may be a proxy's when it is of this machine or of a private network",
        arguments: [
            "127.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.1.1", "169.254.0.1", "100.64.0.1", "::1", "fd00::1", "fe80::1",
            "::ffff:10.0.0.1",
        ])
    func shared(text: String) throws {
        #expect(try address(text).isShared)
    }

    @Test("is else one client's", arguments: ["198.51.100.7", "172.32.0.1", "100.128.0.1", "11.0.0.1", "2001:db8::1", "::2", "fec0::1"])
    func own(text: String) throws {
        #expect(try !address(text).isShared)
    }

    @Test("is that of the connection, whatever a header says")
    func live() async throws {
        try await LiveServer.with(routes: Self.routes) { server in
            let answer = try await server.request("GET", "/who", headers: ["X-Forwarded-For: 198.51.100.7"])

            #expect(answer.body == "true")
        }
    }
}
