import Testing

@testable import Notification

@Suite("Where webhooks may go")
struct AddressGuardTests {
    @Test(
        "nothing that only this machine or this network reaches",
        arguments: [
            "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254",
            "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.9", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::9", "ff02::1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::1", "2002:a00:1::", "2001:db8::1",
        ])
    func refused(text: String) throws {
        #expect(AddressGuard().objection(to: try #require(NetworkAddress(text))) != nil)
    }

    @Test(
        "the public Internet",
        arguments: ["8.8.8.8", "172.15.0.1", "172.32.0.1", "192.167.255.255", "2600::1", "2a00:1450::1", "::ffff:8.8.8.8"])
    func free(text: String) throws {
        #expect(AddressGuard().objection(to: try #require(NetworkAddress(text))) == nil)
    }

    @Test("what the operator allows by name, and nothing beside it")
    func allowed() throws {
        let range = try #require(AddressRange("10.1.0.0/16"))
        let watch = AddressGuard(allowed: [range])

        #expect(watch.objection(to: try #require(NetworkAddress("10.1.255.9"))) == nil)
        #expect(watch.objection(to: try #require(NetworkAddress("10.2.0.1"))) == "is in a private network")
        #expect(watch.objection(to: try #require(NetworkAddress("::ffff:10.1.0.1"))) == nil)
        #expect(AddressRange("10.1.0.0/33") == nil && AddressRange("10.1/16") == nil && AddressRange("") == nil)
    }

    @Test(
        "no address that is spelled in another way than a host's",
        arguments: [
            "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://[::1", "http://a b/", "ftp://a.cn/", "https://user:pw@a.cn/",
            "https://a.cn:99999/", "https://a.cn/#x", "https:///x", "https://-/é", "https://[fe80::1%25eth0]/", "", "https://",
        ])
    func spelled(text: String) {
        #expect(throws: TargetRefusal.self) { try WebhookTarget(text) }
    }

    @Test("host, port and encryption are read from the address")
    func targets() throws {
        let plain = try WebhookTarget("https://Office.Example.gov.cn/huiyin?x=1")
        let literal = try WebhookTarget("http://[2001:db8::1]:8080/")

        #expect(plain.host == "office.example.gov.cn" && plain.port == 443 && plain.isEncrypted)
        #expect(literal.host == "2001:db8::1" && literal.port == 8080 && !literal.isEncrypted)
    }
}
